/**
 * Serves models over HTTP, on the HTTP server of the JDK: {@link kawi.server.Server}. What requests mean is in
 * {@link kawi.server.protocol}; this package knows connections, limits and access, and nothing of models.
 *
 * <p>{@link kawi.server.RequestThreads} receives each exchange before its header has been read and gives it a virtual
 * thread, which runs {@link kawi.server.RequestHandler}. That thread alone reads from the connection and writes to it
 * ({@link kawi.server.Response}); {@link kawi.server.Watchdog} interrupts it when a read or a write takes too long, which
 * closes the connection. The API computes in a platform thread ({@link kawi.server.Answer}) and hands over what is to be
 * written.
 */
@NullMarked
package kawi.server;

import org.jspecify.annotations.NullMarked;
