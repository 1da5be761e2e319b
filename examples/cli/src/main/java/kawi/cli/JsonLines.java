package kawi.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kawi.FinishReason;
import kawi.Message;
import kawi.Part;
import kawi.Reply;
import org.jspecify.annotations.Nullable;

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

    private FinishReason answer(Message message) {
        if (message.text().isEmpty() && message.content().size() == 1) {
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

    /**
     * Returns the message in a line: the line itself unless it is a JSON string, or an object with a text and images.
     */
    static Message message(String line) {
        String text = line.strip();
        if (text.startsWith("\"") || text.startsWith("{")) {
            Object json;
            try {
                json = Json.read(text, "the line");
            } catch (IllegalArgumentException e) {
                return Message.user(line); // text that begins like JSON
            }
            if (json instanceof String message) {
                return Message.user(message);
            }
            if (json instanceof Map<?, ?> object
                    && (object.containsKey("message") ? object.get("message") : object.get("text"))
                            instanceof String message) {
                List<Part> parts = new ArrayList<>(images(object.get("images")));
                parts.add(Part.text(message));
                return Message.user(parts.toArray(Part[]::new));
            }
        }
        return Message.user(line);
    }

    private static List<Part.Image> images(@Nullable Object images) {
        if (images == null) {
            return List.of();
        }
        if (!(images instanceof List<?> list)) {
            throw new IllegalArgumentException("\"images\" is not an array of file names and data URLs");
        }
        return list.stream().map(JsonLines::image).toList();
    }

    private static Part.Image image(@Nullable Object image) {
        if (!(image instanceof String name)) {
            throw new IllegalArgumentException("an element of \"images\" is neither a file name nor a data URL");
        }
        return name.startsWith("data:") ? Part.image(name) : Part.image(Path.of(name));
    }
}
