/** Byte-level BPE tokenizers with a streaming decoder, and chat templates. */
module kawi.tokenizer {
    requires org.slf4j;
    requires static org.jspecify;
    requires tools.jackson.core;

    exports kawi.json to
            kawi.core;
    exports kawi.template to
            kawi.core;
    exports kawi.tokenizer to
            kawi.core;
}
