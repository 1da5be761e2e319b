/** Byte-level BPE tokenizers with a streaming decoder, and chat templates. */
module kawi.tokenizer {
    requires org.slf4j;
    requires static org.jspecify;
    requires tools.jackson.databind;

    exports kawi.template;
    exports kawi.tokenizer;
}
