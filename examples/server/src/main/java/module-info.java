/** The OpenAI protocol in front of a model; start at {@link kawi.server.protocol.OpenAi}. */
module kawi.server {
    requires jdk.httpserver;
    requires transitive kawi.core;
    requires org.slf4j;
    requires static org.jspecify;
    requires tools.jackson.core;
    requires tools.jackson.databind;

    exports kawi.server.protocol;
}
