package kawi.cli;

import java.io.IOException;
import java.util.Map;
import kawi.FinishReason;
import kawi.Reply;
import kawi.json.JsonValue;

/** A conversation for programs: a message in each line, and for each a JSON object in a line, with the answer or an error. */
final class JsonLines {

    private final ChatSession session;
    private final Terminal terminal;

    JsonLines(ChatSession session, Terminal terminal) {
        this.session = session;
        this.terminal = terminal;
    }

    /** Runs to the end of the input; returns whether the user has ended it. */
    boolean run() throws IOException {
        LineInput lines = new LineInput(terminal.in());
        while (!terminal.out().checkError()) {
            try {
                String line = lines.read();
                if (line == null) {
                    return false;
                }
                if (answer(message(line)) == FinishReason.CANCELLED) {
                    return true;
                }
            } catch (RuntimeException e) {
                Json.print(terminal.out(), Map.of("error", Failure.sentence(e)));
            }
        }
        return false;
    }

    private FinishReason answer(String message) {
        if (message.isEmpty()) {
            throw new IllegalArgumentException("the message is empty");
        }
        try (Interruption interruption = new Interruption()) {
            Reply reply =
                    session.say(message).cancelWith(interruption.cancellation()).send();
            Json.print(terminal.out(), AnswerReport.brief(reply));
            return reply.finishReason();
        }
    }

    /** The line itself, unless it is a JSON string or an object with a message. */
    static String message(String line) {
        String text = line.strip();
        if (text.startsWith("\"") || text.startsWith("{")) {
            try {
                JsonValue json = Json.read(text, "the line");
                JsonValue message = json.isObject() ? json.path("message") : json;
                if (message.isString()) {
                    return message.asString();
                }
            } catch (IllegalArgumentException e) {
                return line; // it only begins like JSON
            }
        }
        return line;
    }
}
