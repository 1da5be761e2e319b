package kawi.cli;

import java.io.IOException;
import java.util.Map;
import kawi.FinishReason;
import kawi.Reply;

/**
 * A conversation with a program: each line of input is a message, and each answer or error is a JSON object on one
 * line.
 */
final class JsonLines {

    private final ChatSession session;
    private final Terminal terminal;

    JsonLines(ChatSession session, Terminal terminal) {
        this.session = session;
        this.terminal = terminal;
    }

    /** Runs to the end of the input and returns the exit code. */
    int run() throws IOException {
        int code = Kawi.SUCCESS;
        LineInput lines = new LineInput(terminal.in());
        while (!terminal.out().checkError()) {
            try {
                String line = lines.read();
                if (line == null) {
                    return code;
                }
                if (!line.isBlank() && answer(message(line)) == FinishReason.CANCELLED) {
                    return Kawi.INTERRUPTED;
                }
            } catch (RuntimeException e) {
                code = Kawi.FAILURE;
                Json.print(terminal.out(), Map.of("error", Failure.sentence(e)));
            }
        }
        return code;
    }

    private FinishReason answer(String message) {
        if (message.isEmpty()) {
            throw new IllegalArgumentException("the message is empty");
        }
        try (Interruption interruption = new Interruption();
                ProgressView view = new ProgressView(terminal, piece -> {})) {
            Reply reply =
                    session.say(message).cancelWith(interruption.cancellation()).send(view);
            Json.print(terminal.out(), AnswerReport.brief(reply));
            return reply.finishReason();
        }
    }

    /** Returns the message in a line: the line itself unless it is a JSON string or an object with a message. */
    static String message(String line) {
        String text = line.strip();
        if (text.startsWith("\"") || text.startsWith("{")) {
            try {
                Object json = Json.read(text, "the line");
                if ((json instanceof Map<?, ?> object ? object.get("message") : json) instanceof String message) {
                    return message;
                }
            } catch (IllegalArgumentException e) {
                return line; // text that begins like JSON
            }
        }
        return line;
    }
}
