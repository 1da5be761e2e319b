package kawi.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kawi.Message;
import kawi.Part;
import kawi.ToolCall;
import kawi.VideoSource;
import kawi.files.Excerpt;
import kawi.json.JsonArray;
import kawi.json.JsonObject;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a {@link SavedChat} as JSON. The bytes of images and films are attachments, which follow the JSON in
 * the file, in order; the JSON has their lengths.
 *
 * <p>Of a film whose frames come from a {@link VideoSource}, the frames that the model has seen are saved.
 */
final class SavedMessages {

    private static final String TEXT = "text";
    private static final String IMAGE = "image";
    private static final String FILM = "film";
    private static final String MAX_TOKENS = "maxTokens";
    private static final String FRAMES = "frames";

    private SavedMessages() {}

    /** Chooses the frames of a film that are saved, by their indices. */
    @FunctionalInterface
    interface FrameChoice {
        List<Integer> choose(VideoSource source);
    }

    /** Converts messages to JSON, and adds their attachments to a list. */
    static JsonArray write(List<Message> messages, FrameChoice frames, List<ByteBuffer> attachments) {
        List<JsonValue> all = new ArrayList<>();
        for (Message message : messages) {
            all.add(json(message, frames, attachments));
        }
        return new JsonArray(all);
    }

    private static JsonObject json(Message message, FrameChoice frames, List<ByteBuffer> attachments) {
        JsonObject.Builder object =
                JsonObject.builder().put("role", message.role().name());
        if (VisionInput.hasMedia(message)) {
            List<JsonValue> parts = new ArrayList<>();
            for (Part part : message.content()) {
                parts.add(json(part, frames, attachments));
            }
            object.put("parts", new JsonArray(parts));
        } else {
            object.put(TEXT, message.text());
        }
        object.put("thinking", message.thinking())
                .put(
                        "toolCalls",
                        new JsonArray(message.toolCalls().stream()
                                .map(SavedMessages::json)
                                .toList()));
        if (message.toolCallId() != null) {
            object.put("toolCallId", message.toolCallId());
        }
        if (message.name() != null) {
            object.put("name", message.name());
        }
        return object.build();
    }

    private static JsonObject json(ToolCall call) {
        return JsonObject.builder()
                .put("id", call.id())
                .put("name", call.name())
                .put("arguments", call.arguments())
                .build();
    }

    private static JsonObject json(Part part, FrameChoice frames, List<ByteBuffer> attachments) {
        return switch (part) {
            case Part.Text text -> JsonObject.builder().put(TEXT, text.text()).build();
            case Part.Image image -> image(image, attachments).build();
            case Part.VideoFile film ->
                file(FILM, film.mediaType(), film.buffer(), attachments).build();
            case Part.VideoFrames film -> frames(film.source(), frames.choose(film.source()), attachments);
        };
    }

    private static JsonObject.Builder image(Part.Image image, List<ByteBuffer> attachments) {
        JsonObject.Builder object = file(IMAGE, image.mediaType(), image.buffer(), attachments);
        return image.maxTokens() == 0 ? object : object.put(MAX_TOKENS, image.maxTokens());
    }

    private static JsonObject.Builder file(
            String kind, String mediaType, ByteBuffer data, List<ByteBuffer> attachments) {
        attachments.add(data);
        return JsonObject.builder().put(kind, mediaType).put("bytes", data.remaining());
    }

    private static JsonObject frames(VideoSource source, List<Integer> indices, List<ByteBuffer> attachments) {
        List<JsonValue> frames = new ArrayList<>();
        for (int index : indices) {
            Part.Image frame;
            try {
                frame = source.frame(index);
            } catch (IOException e) {
                throw new UncheckedIOException(
                        "frame %d of a film of the conversation cannot be read: %s".formatted(index, e.getMessage()),
                        e);
            }
            attachments.add(frame.buffer());
            frames.add(JsonObject.builder()
                    .put("index", index)
                    .put(IMAGE, frame.mediaType())
                    .put("bytes", frame.buffer().remaining())
                    .build());
        }
        return JsonObject.builder()
                .put(FRAMES, new JsonArray(frames))
                .put("frameCount", source.frameCount())
                .put("framesPerSecond", Double.toString(source.framesPerSecond()))
                .build();
    }

    /** Reads the next attachment. */
    @FunctionalInterface
    interface Attachments {

        /**
         * Returns the bytes of the next attachment.
         *
         * @throws IllegalArgumentException if there are not so many bytes
         */
        byte[] next(int bytes);
    }

    /** @throws IllegalArgumentException if these are not messages */
    static List<Message> read(JsonValue array, Attachments attachments) {
        List<Message> messages = new ArrayList<>();
        for (JsonValue message : array.values()) {
            messages.add(message(message, attachments));
        }
        return messages;
    }

    private static Message message(JsonValue message, Attachments attachments) {
        List<ToolCall> calls = new ArrayList<>();
        for (JsonValue call : message.path("toolCalls").values()) {
            calls.add(new ToolCall(text(call, "id"), text(call, "name"), text(call, "arguments")));
        }
        List<Part> content = new ArrayList<>();
        JsonValue parts = message.path("parts");
        if (parts.isMissing()) {
            content.add(Part.text(text(message, TEXT)));
        } else {
            for (JsonValue part : parts.values()) {
                content.add(part(part, attachments));
            }
        }
        return new Message(
                Message.Role.valueOf(text(message, "role")),
                content,
                text(message, "thinking"),
                calls,
                optionalText(message, "toolCallId"),
                optionalText(message, "name"));
    }

    private static Part part(JsonValue part, Attachments attachments) {
        if (!part.path(TEXT).isMissing()) {
            return Part.text(text(part, TEXT));
        }
        if (!part.path(IMAGE).isMissing()) {
            return image(part, attachments);
        }
        if (!part.path(FILM).isMissing()) {
            return new Part.VideoFile(attachments.next(number(part, "bytes")), text(part, FILM));
        }
        Map<Integer, Part.Image> frames = new HashMap<>();
        for (JsonValue frame : part.path(FRAMES).values()) {
            frames.put(number(frame, "index"), image(frame, attachments));
        }
        return new Part.VideoFrames(new SavedFrames(
                number(part, "frameCount"), Double.parseDouble(text(part, "framesPerSecond")), Map.copyOf(frames)));
    }

    private static Part.Image image(JsonValue image, Attachments attachments) {
        return new Part.Image(
                attachments.next(number(image, "bytes")),
                text(image, IMAGE),
                image.path(MAX_TOKENS).isMissing() ? 0 : number(image, MAX_TOKENS));
    }

    /** The frames of a film that were saved. */
    private record SavedFrames(int frameCount, double framesPerSecond, Map<Integer, Part.Image> frames)
            implements VideoSource {

        SavedFrames {
            if (frameCount < 1 || !(framesPerSecond > 0) || frames.isEmpty()) {
                throw new IllegalArgumentException("a film of %d frames at %s per second, of which there are %d"
                        .formatted(frameCount, framesPerSecond, frames.size()));
            }
        }

        @Override
        public Part.Image frame(int index) throws IOException {
            Part.Image frame = frames.get(index);
            if (frame == null) {
                throw new IOException("it was not saved");
            }
            return frame;
        }
    }

    private static @Nullable String optionalText(JsonValue object, String key) {
        JsonValue value = object.path(key);
        return value.isMissing() || value.isNull() ? null : text(object, key);
    }

    static String text(JsonValue object, String key) {
        JsonValue value = object.path(key);
        if (!value.isString()) {
            throw new IllegalArgumentException("%s should be a string, found %s".formatted(key, found(value)));
        }
        return value.stringValue();
    }

    /** A count. */
    static int number(JsonValue object, String key) {
        JsonValue value = object.path(key);
        if (!value.isNumber() || !value.canConvertToInt() || value.intValue() < 0) {
            throw new IllegalArgumentException("%s should be a count, found %s".formatted(key, found(value)));
        }
        return value.intValue();
    }

    private static String found(JsonValue value) {
        return value.isMissing() ? "nothing" : Excerpt.of(value.toString());
    }
}
