package kawi.server.protocol;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Receives server-sent events. Each call is written to the client before it returns; it is called by one thread at a
 * time.
 */
public interface EventSink {

    /**
     * Writes an event.
     *
     * @param name the name of the event, or null if it has none
     * @param data the data, one line
     * @throws IOException if the client has gone away
     */
    void event(@Nullable String name, String data) throws IOException;

    /**
     * Writes a comment, which clients ignore. It is called while nothing else happens, to keep the connection open and
     * to notice that the client has gone away.
     *
     * @param text the text, one line; may be empty
     * @throws IOException if the client has gone away
     */
    void comment(String text) throws IOException;
}
