package kawi.engine;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import kawi.Message;
import kawi.ModelFileException;
import kawi.architecture.SequenceState;
import kawi.files.DiskFile;
import kawi.files.StagedFile;
import kawi.json.JsonArray;
import kawi.json.JsonException;
import kawi.json.JsonObject;
import kawi.json.JsonSyntax;
import kawi.json.JsonValue;
import kawi.vision.ImageContent;
import org.jspecify.annotations.Nullable;

/**
 * A conversation as a file: its messages, and the state of the model up to the last boundary between messages.
 *
 * <pre>
 *    "KAWICHAT"                           magic
 *    version, header bytes, token count   u32 each
 *    header                               JSON, UTF-8: model, fingerprint, keysAndValues, messages, answers, and
 *                                         images: the places and contents of those in the tokens
 *    attachments                          the files of images and films in messages, see {@link SavedMessages}
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
    private static final int VERSION = 4;

    /** The last version without images, which is otherwise the same. */
    private static final int VERSION_WITHOUT_IMAGES = 3;

    /** The last version without the state of the draft head, which is otherwise at the end of the state. */
    private static final int VERSION_WITHOUT_DRAFT = 2;

    private static final int FIXED = MAGIC.length + 3 * Integer.BYTES;
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /**
     * What was read.
     *
     * @param answers the tokens of the last answers, which later ones may repeat
     * @param saved the state, or null if there is none
     */
    record Contents(
            List<Message> messages,
            List<int[]> answers,
            @Nullable Saved saved) {}

    /** The state of the model after a text, which the caller closes. */
    record Saved(TokenText text, SequenceState state) {}

    private SavedChat() {}

    /** Writes the messages and the longest state in {@code snapshots} that is a prefix of {@code text}. */
    static void write(
            Path file,
            LoadedModel model,
            List<Message> messages,
            List<int[]> answers,
            TokenText text,
            SnapshotStore snapshots) {
        List<ByteBuffer> attachments = new ArrayList<>();
        JsonObject header = JsonObject.builder()
                .put("model", model.name())
                .put("fingerprint", model.fingerprint())
                .put("keysAndValues", model.keysAndValues())
                .put("messages", SavedMessages.write(messages, model.vision()::chosenFrames, attachments))
                .put("answers", SavedAnswers.write(answers))
                .build();
        try (StagedFile staged = StagedFile.createPrivate(file.toAbsolutePath())) {
            Output out = new Output(staged, model);
            if (!snapshots.useLongest(text, (kept, state) -> out.all(header, attachments, kept, state))) {
                out.all(header, attachments, TokenText.of(), null);
            }
            staged.commit();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the conversation cannot be written to %s: %s".formatted(file, e.getMessage()), e);
        }
    }

    /** Adds the images in the text of the state to the header. */
    private static JsonObject withImages(JsonObject header, List<ImageSpan> images, LoadedModel model) {
        if (images.isEmpty()) {
            return header;
        }
        return header.toBuilder()
                .put("vision", model.vision().fingerprint())
                .put(
                        "images",
                        new JsonArray(images.stream()
                                .map(image -> JsonObject.builder()
                                        .put("start", image.start())
                                        .put("digest", image.content().digest())
                                        .put("rows", image.content().rows())
                                        .put("columns", image.content().columns())
                                        .build())
                                .toList()))
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

        void all(JsonObject json, List<ByteBuffer> attachments, TokenText text, @Nullable SequenceState state)
                throws IOException {
            byte[] header = withImages(json, text.images(), model).toUtf8();
            int[] tokens = text.ids();
            byte[] fixed = new byte[FIXED];
            MemorySegment start = MemorySegment.ofArray(fixed);
            MemorySegment.copy(MAGIC, 0, start, JAVA_BYTE, 0, MAGIC.length);
            start.set(U32, MAGIC.length, VERSION);
            start.set(U32, MAGIC.length + 4, header.length);
            start.set(U32, MAGIC.length + 8, tokens.length);
            put(start);
            put(MemorySegment.ofArray(header));
            for (ByteBuffer attachment : attachments) {
                put(MemorySegment.ofBuffer(attachment));
            }
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
     * Reads a conversation and its state.
     *
     * @throws ModelFileException if the file is damaged or was written with another model
     */
    static Contents read(Path file, LoadedModel model) {
        try (DiskFile opened = DiskFile.open(file, "a saved conversation")) {
            return new Input(opened, model).read();
        }
    }

    private static final class Input {
        private final DiskFile file;
        private final MemorySegment data;
        private final LoadedModel model;

        /** The offset of what is read next. */
        private long next;

        private long attachmentsEnd;

        Input(DiskFile file, LoadedModel model) {
            this.file = file;
            this.data = file.head(file.size());
            this.model = model;
        }

        Contents read() {
            check(
                    data.byteSize() >= FIXED + Integer.BYTES
                            && data.asSlice(0, MAGIC.length).mismatch(MemorySegment.ofArray(MAGIC)) < 0,
                    "it is not a saved conversation");
            int version = data.get(U32, MAGIC.length);
            check(
                    version >= VERSION_WITHOUT_DRAFT && version <= VERSION,
                    "it has version %d, but this Kawi reads versions %d to %d"
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
            attachmentsEnd = end - tokenCount * Integer.BYTES;
            next = FIXED + headerBytes;
            List<Message> messages = messages(header.path("messages"));
            List<int[]> answers = answers(header.path("answers"));
            if (tokenCount == 0) {
                check(next == end, "it has a state of no tokens");
                return new Contents(messages, answers, null);
            }
            return new Contents(messages, answers, state(tokenCount, header, end, version >= VERSION_WITHOUT_IMAGES));
        }

        private JsonValue header(byte[] json) {
            try {
                return JsonSyntax.STRICT.parse(json);
            } catch (JsonException e) {
                throw refusal("its header is not JSON: " + e.getMessage());
            }
        }

        private List<int[]> answers(JsonValue array) {
            try {
                return SavedAnswers.read(array, model.vocabularySize());
            } catch (IllegalArgumentException e) {
                throw refusal("its answers cannot be read: " + e.getMessage());
            }
        }

        private List<Message> messages(JsonValue array) {
            try {
                return Conversation.checked(model, SavedMessages.read(array, this::attachment));
            } catch (IllegalArgumentException e) {
                throw refusal("its messages cannot be read: " + e.getMessage());
            }
        }

        private byte[] attachment(int bytes) {
            if (bytes > attachmentsEnd - next) {
                throw new IllegalArgumentException("an image of %d bytes ends too early".formatted(bytes));
            }
            byte[] attachment = data.asSlice(next, bytes).toArray(JAVA_BYTE);
            next += bytes;
            return attachment;
        }

        /** The tokens at {@link #next}, with the images in the place of some. */
        private TokenText text(int tokenCount, JsonValue images) {
            int[] tokens = new int[tokenCount];
            MemorySegment.copy(data, U32, next, tokens, 0, tokens.length);
            for (int token : tokens) {
                check(
                        token >= 0 && token < model.vocabularySize(),
                        "it has a token %d, which the vocabulary does not".formatted(token));
            }
            next += (long) tokenCount * Integer.BYTES;
            try {
                int[] starts = images.valueStream()
                        .mapToInt(image -> SavedMessages.number(image, "start"))
                        .toArray();
                List<ImageContent> contents = images.valueStream()
                        .map(image -> new ImageContent(
                                SavedMessages.text(image, "digest"),
                                SavedMessages.number(image, "rows"),
                                SavedMessages.number(image, "columns")))
                        .toList();
                return TokenText.of(tokens, starts, contents);
            } catch (IllegalArgumentException e) {
                throw refusal("its images do not fit: " + e.getMessage());
            }
        }

        private Saved state(long tokenCount, JsonValue header, long end, boolean draft) {
            check(
                    tokenCount <= model.contextLength(),
                    "it has %d tokens, but the context holds %d".formatted(tokenCount, model.contextLength()));
            check(next + tokenCount * Integer.BYTES <= end, "it ends too early");
            TokenText text = text((int) tokenCount, header.path("images"));
            check(
                    text.images().isEmpty()
                            || header.path("vision")
                                    .asString("")
                                    .equals(model.vision().fingerprint()),
                    "its images were encoded with another vision tower");
            SequenceState state = model.newState();
            boolean read = false;
            try {
                state.fill(text.keys(), text.nextPosition(), 0, draft, part -> {
                    model.lifetime().checkContinues();
                    check(part.byteSize() <= end - next, "its state ends too early");
                    part.copyFrom(data.asSlice(next, part.byteSize()));
                    next += part.byteSize();
                });
                check(next == end, "its state is longer than that of %d tokens".formatted(tokenCount));
                read = true;
            } catch (IllegalArgumentException e) {
                throw refusal(String.valueOf(e.getMessage()));
            } finally {
                if (!read) {
                    state.close();
                }
            }
            return new Saved(text, state);
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
