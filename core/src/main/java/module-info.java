/** Run Qwen3.5 language models inside any Java process; start at {@link kawi.Model}. */
module kawi.core {
    requires static java.desktop;
    requires java.management;
    requires java.net.http;
    requires jdk.jfr;
    requires jdk.management;
    requires kawi.quant;
    requires kawi.tokenizer;
    requires org.slf4j;
    requires static org.jspecify;
    requires tools.jackson.core;

    exports kawi;

    uses javax.imageio.spi.ImageReaderSpi;
    uses kawi.EngineProvider;
    uses kawi.WeightFormat;

    provides kawi.EngineProvider with
            kawi.engine.KawiEngine;
}
