/** Byte-level BPE, streaming decoder and chat templates. */
module kawi.tokenizer {
    requires org.slf4j;
    requires static org.jspecify;
    requires tools.jackson.core;

    exports kawi.json to
            kawi.core;
    exports kawi.template;
    exports kawi.tokenizer;
}
