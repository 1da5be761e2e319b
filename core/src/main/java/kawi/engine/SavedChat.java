package kawi.engine;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import kawi.Message;
import kawi.ModelFileException;
import kawi.architecture.SequenceState;
import kawi.files.DiskFile;
import kawi.files.StagedFile;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A conversation as a file: its messages, and what the model remembers of them up to the last boundary between messages.
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
 * All numbers are little-endian. Everything is checked before anything is used: the state means nothing to other weights.
 */
final class SavedChat {

    private static final byte[] MAGIC = {'K', 'A', 'W', 'I', 'C', 'H', 'A', 'T'};
    private static final int VERSION = 2;
    private static final int FIXED = MAGIC.length + 3 * Integer.BYTES;
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final JsonMapper JSON = JsonMapper.shared();

    private SavedChat() {}

    /** Writes the messages and the longest state in {@code snapshots} that {@code tokens} begin with. */
    static void write(Path file, LoadedModel model, List<Message> messages, int[] tokens, SnapshotStore snapshots) {
        byte[] header = JSON.writeValueAsBytes(header(model, messages));
        try (StagedFile staged = StagedFile.createPrivate(file.toAbsolutePath())) {
            Output out = new Output(staged);
            if (!snapshots.useLongest(tokens, (kept, state) -> out.all(header, kept, state))) {
                out.all(header, new int[0], null);
            }
            staged.commit();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the conversation cannot be written to %s: %s".formatted(file, e.getMessage()), e);
        }
    }

    private static Map<String, Object> header(LoadedModel model, List<Message> messages) {
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("model", model.name());
        header.put("fingerprint", model.fingerprint());
        header.put("keysAndValues", model.keysAndValues());
        header.put("messages", messages.stream().map(SavedChat::write).toList());
        return header;
    }

    private static Map<String, Object> write(Message message) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("role", message.role());
        object.put("text", message.text());
        object.put("thinking", message.thinking());
        object.put("toolCalls", message.toolCalls());
        return object;
    }

    /** Writes and sums up. */
    private static final class Output {
        private final StagedFile file;
        private final CRC32C checksum = new CRC32C();

        Output(StagedFile file) {
            this.file = file;
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
     * @throws ModelFileException if it is damaged or another model's
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
            check(version == VERSION, "it has version %d, but this Kawi reads version %d".formatted(version, VERSION));
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

            JsonNode header = header(data.asSlice(FIXED, headerBytes).toArray(JAVA_BYTE));
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
                state(FIXED + headerBytes, tokenCount, end, snapshots);
            } else {
                check(FIXED + headerBytes == end, "it has a state of no tokens");
            }
            return messages;
        }

        private JsonNode header(byte[] json) {
            try {
                return JSON.readTree(json);
            } catch (JacksonException e) {
                throw refusal("its header is not JSON: " + e.getOriginalMessage());
            }
        }

        private List<Message> messages(JsonNode array) {
            List<Message> messages = new ArrayList<>();
            try {
                for (JsonNode message : array) {
                    messages.add(JSON.treeToValue(message, Message.class));
                }
                return Conversation.checked(messages);
            } catch (JacksonException | IllegalArgumentException | NullPointerException e) {
                throw refusal("its messages cannot be read: " + e.getMessage());
            }
        }

        private void state(long at, long tokenCount, long end, SnapshotStore snapshots) {
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
                state.fill(tokens.length, part -> {
                    check(part.byteSize() <= end - next[0], "its state ends too early");
                    part.copyFrom(data.asSlice(next[0], part.byteSize()));
                    next[0] += part.byteSize();
                });
                check(next[0] == end, "its state is longer than that of %d tokens".formatted(tokenCount));
                read = true;
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
