package kawi.cli;

import java.io.IOException;
import kawi.Reply;
import kawi.Turn;
import org.jspecify.annotations.Nullable;

/** The other side of a conversation: a person at a terminal, or a file or program at the ends of a pipe. */
interface ChatFront {

    /** The next message or command; null when there is none. */
    @Nullable String read() throws IOException;

    /** Sends a message and shows the answer. */
    Reply answer(Turn turn);

    /** Says something that is no answer. */
    void say(String line);
}
