/**
 * Serves models in the protocol of OpenAI: over HTTP with {@link kawi.server.Server}, or on any other transport with
 * {@link kawi.server.protocol.OpenAi}.
 */
module kawi.server {
    requires transitive kawi.core;
    requires jdk.httpserver;
    requires org.slf4j;
    requires static org.jspecify;
    requires tools.jackson.core;
    requires tools.jackson.databind;

    exports kawi.server;
    exports kawi.server.protocol;
}
