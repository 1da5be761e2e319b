package kawi.cli;

import java.io.IOException;
import kawi.Reply;
import kawi.Turn;
import org.jspecify.annotations.Nullable;

/** The user interface of a conversation: a terminal or a pipe. */
interface ChatFront {

    /** Reads the next message or command; returns null at the end of the input. */
    @Nullable String read() throws IOException;

    /** Sends a message and shows the answer. */
    Reply answer(Turn turn);

    /** Prints a line that is not part of an answer. */
    void say(String line);
}
