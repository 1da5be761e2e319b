/**
 * The OpenAI protocol without HTTP: {@link kawi.server.protocol.ApiRequest} in,
 * {@link kawi.server.protocol.ApiResponse} out. {@link kawi.server.protocol.OpenAi} answers requests with models; a
 * transport, such as the HTTP server of the JDK or a controller of Spring, reads requests and writes responses.
 */
@NullMarked
package kawi.server.protocol;

import org.jspecify.annotations.NullMarked;
