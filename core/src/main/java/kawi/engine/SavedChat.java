package kawi.engine;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import kawi.Message;
import kawi.ModelFileException;
import kawi.Part;
import kawi.ToolCall;
import kawi.architecture.SequenceState;
import kawi.files.DiskFile;
import kawi.files.Excerpt;
import kawi.files.StagedFile;
import kawi.json.JsonArray;
import kawi.json.JsonException;
import kawi.json.JsonObject;
import kawi.json.JsonSyntax;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * A conversation as a file: its messages, and the state of the model up to the last boundary between messages.
 *
 * <pre>
 *    "KAWICHAT"                           magic
 *    version, header bytes, token count   u32 each
 *    header                               JSON, UTF-8: model, fingerprint, keysAndValues, messages
 *    tokens                               u32 each
 *    state                                of {@link SequenceState#forEach}; nothing if there are no tokens
 *    checksum                             u32, CRC-32C of all before
 * </pre>
 *
 * All numbers are little-endian. Everything is validated before anything is used; a state is valid only for the weights
 * that computed it.
 */
final class SavedChat {

    private static final byte[] MAGIC = {'K', 'A', 'W', 'I', 'C', 'H', 'A', 'T'};
    private static final int VERSION = 3;

    /** The last version without the state of the draft head, which is otherwise at the end of the state. */
    private static final int VERSION_WITHOUT_DRAFT = 2;

    private static final int FIXED = MAGIC.length + 3 * Integer.BYTES;
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private SavedChat() {}

    /** Writes the messages and the longest state in {@code snapshots} that is a prefix of {@code tokens}. */
    static void write(Path file, LoadedModel model, List<Message> messages, int[] tokens, SnapshotStore snapshots) {
        byte[] header = header(model, messages).toUtf8();
        try (StagedFile staged = StagedFile.createPrivate(file.toAbsolutePath())) {
            Output out = new Output(staged, model);
            if (!snapshots.useLongest(tokens, (kept, state) -> out.all(header, kept, state))) {
                out.all(header, new int[0], null);
            }
            staged.commit();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the conversation cannot be written to %s: %s".formatted(file, e.getMessage()), e);
        }
    }

    private static JsonObject header(LoadedModel model, List<Message> messages) {
        return JsonObject.builder()
                .put("model", model.name())
                .put("fingerprint", model.fingerprint())
                .put("keysAndValues", model.keysAndValues())
                .put(
                        "messages",
                        new JsonArray(messages.stream().map(SavedChat::json).toList()))
                .build();
    }

    private static JsonObject json(Message message) {
        JsonObject.Builder object = JsonObject.builder()
                .put("role", message.role().name())
                .put("text", message.text())
                .put("thinking", message.thinking())
                .put(
                        "toolCalls",
                        new JsonArray(message.toolCalls().stream()
                                .map(SavedChat::json)
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

    /** Writes bytes and updates the checksum. */
    private static final class Output {
        private final StagedFile file;
        private final LoadedModel model;
        private final CRC32C checksum = new CRC32C();

        Output(StagedFile file, LoadedModel model) {
            this.file = file;
            this.model = model;
        }

        void all(byte[] header, int[] tokens, @org.jspecify.annotations.Nullable SequenceState state)
                throws IOException {
            byte[] fixed = new byte[FIXED];
            MemorySegment start = MemorySegment.ofArray(fixed);
            MemorySegment.copy(MAGIC, 0, start, JAVA_BYTE, 0, MAGIC.length);
            start.set(U32, MAGIC.length, VERSION);
            start.set(U32, MAGIC.length + 4, header.length);
            start.set(U32, MAGIC.length + 8, tokens.length);
            put(start);
            put(MemorySegment.ofArray(header));
            byte[] ids = new byte[tokens.length * Integer.BYTES];
            MemorySegment.copy(tokens, 0, MemorySegment.ofArray(ids), U32, 0, tokens.length);
            put(MemorySegment.ofArray(ids));
            if (state != null) {
                List<MemorySegment> parts = new ArrayList<>();
                state.forEach(parts::add);
                for (MemorySegment part : parts) {
                    model.lifetime().checkContinues();
                    put(part);
                }
            }
            byte[] sum = new byte[Integer.BYTES];
            MemorySegment.ofArray(sum).set(U32, 0, (int) checksum.getValue());
            file.write(sum);
        }

        private void put(MemorySegment bytes) throws IOException {
            update(checksum, bytes);
            file.write(bytes);
        }
    }

    private static void update(CRC32C checksum, MemorySegment bytes) {
        for (long at = 0; at < bytes.byteSize(); at += 1 << 30) {
            checksum.update(
                    bytes.asSlice(at, Math.min(1 << 30, bytes.byteSize() - at)).asByteBuffer());
        }
    }

    /**
     * Reads a conversation, and its state into {@code snapshots}.
     *
     * @throws ModelFileException if the file is damaged or was written with another model
     */
    static List<Message> read(Path file, LoadedModel model, SnapshotStore snapshots) {
        try (DiskFile opened = DiskFile.open(file, "a saved conversation")) {
            return new Input(opened, model).read(snapshots);
        }
    }

    private static final class Input {
        private final DiskFile file;
        private final MemorySegment data;
        private final LoadedModel model;

        Input(DiskFile file, LoadedModel model) {
            this.file = file;
            this.data = file.head(file.size());
            this.model = model;
        }

        List<Message> read(SnapshotStore snapshots) {
            check(
                    data.byteSize() >= FIXED + Integer.BYTES
                            && data.asSlice(0, MAGIC.length).mismatch(MemorySegment.ofArray(MAGIC)) < 0,
                    "it is not a saved conversation");
            int version = data.get(U32, MAGIC.length);
            check(
                    version == VERSION || version == VERSION_WITHOUT_DRAFT,
                    "it has version %d, but this Kawi reads versions %d and %d"
                            .formatted(version, VERSION_WITHOUT_DRAFT, VERSION));
            long headerBytes = Integer.toUnsignedLong(data.get(U32, MAGIC.length + 4));
            long tokenCount = Integer.toUnsignedLong(data.get(U32, MAGIC.length + 8));
            long end = data.byteSize() - Integer.BYTES;
            check(
                    FIXED + headerBytes + tokenCount * Integer.BYTES <= end && headerBytes < Integer.MAX_VALUE - 8,
                    "it ends too early");
            CRC32C checksum = new CRC32C();
            update(checksum, data.asSlice(0, end));
            check(
                    (int) checksum.getValue() == data.get(U32, end),
                    "its checksum is wrong, so it has been changed or cut");

            JsonValue header = header(data.asSlice(FIXED, headerBytes).toArray(JAVA_BYTE));
            check(
                    header.path("fingerprint").asString("").equals(model.fingerprint()),
                    "it was made with %s, whose weights are not those of %s"
                            .formatted(header.path("model").asString("another model"), model.name()));
            String format = header.path("keysAndValues").asString("");
            check(
                    format.equals(model.keysAndValues()),
                    "its keys and values are in %s, but the model was loaded with %s; see ModelLoader.keysAndValues"
                            .formatted(format, model.keysAndValues()));
            List<Message> messages = messages(header.path("messages"));
            if (tokenCount > 0) {
                state(FIXED + headerBytes, tokenCount, end, version == VERSION, snapshots);
            } else {
                check(FIXED + headerBytes == end, "it has a state of no tokens");
            }
            return messages;
        }

        private JsonValue header(byte[] json) {
            try {
                return JsonSyntax.STRICT.parse(json);
            } catch (JsonException e) {
                throw refusal("its header is not JSON: " + e.getMessage());
            }
        }

        private List<Message> messages(JsonValue array) {
            List<Message> messages = new ArrayList<>();
            try {
                for (JsonValue message : array.values()) {
                    messages.add(message(message));
                }
                return Conversation.checked(messages);
            } catch (IllegalArgumentException e) {
                throw refusal("its messages cannot be read: " + e.getMessage());
            }
        }

        private static Message message(JsonValue message) {
            List<ToolCall> calls = new ArrayList<>();
            for (JsonValue call : message.path("toolCalls").values()) {
                calls.add(new ToolCall(text(call, "id"), text(call, "name"), text(call, "arguments")));
            }
            return new Message(
                    Message.Role.valueOf(text(message, "role")),
                    List.of(Part.text(text(message, "text"))),
                    text(message, "thinking"),
                    calls,
                    optionalText(message, "toolCallId"),
                    optionalText(message, "name"));
        }

        private static @Nullable String optionalText(JsonValue object, String key) {
            JsonValue value = object.path(key);
            return value.isMissing() || value.isNull() ? null : text(object, key);
        }

        private static String text(JsonValue object, String key) {
            JsonValue value = object.path(key);
            if (!value.isString()) {
                throw new IllegalArgumentException("%s should be a string, found %s"
                        .formatted(key, value.isMissing() ? "nothing" : Excerpt.of(value.toString())));
            }
            return value.stringValue();
        }

        private void state(long at, long tokenCount, long end, boolean draft, SnapshotStore snapshots) {
            check(
                    tokenCount <= model.contextLength(),
                    "it has %d tokens, but the context holds %d".formatted(tokenCount, model.contextLength()));
            int[] tokens = new int[(int) tokenCount];
            MemorySegment.copy(data, U32, at, tokens, 0, tokens.length);
            for (int token : tokens) {
                check(
                        token >= 0 && token < model.vocabularySize(),
                        "it has a token %d, which the vocabulary does not".formatted(token));
            }
            long from = at + tokenCount * Integer.BYTES;
            SequenceState state = model.newState();
            boolean read = false;
            try {
                long[] next = {from};
                long[] keys = Arrays.stream(tokens).asLongStream().toArray();
                state.fill(keys, tokens.length, 0, draft, part -> {
                    model.lifetime().checkContinues();
                    check(part.byteSize() <= end - next[0], "its state ends too early");
                    part.copyFrom(data.asSlice(next[0], part.byteSize()));
                    next[0] += part.byteSize();
                });
                check(next[0] == end, "its state is longer than that of %d tokens".formatted(tokenCount));
                read = true;
            } catch (IllegalArgumentException e) {
                throw refusal(String.valueOf(e.getMessage()));
            } finally {
                if (!read) {
                    state.close();
                }
            }
            snapshots.add(tokens, state);
        }

        private void check(boolean right, String problem) {
            if (!right) {
                throw refusal(problem);
            }
        }

        private ModelFileException refusal(String problem) {
            return new ModelFileException("%s cannot be continued: %s".formatted(file.name(), problem));
        }
    }
}
