package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import kawi.Chat;
import kawi.Model;
import kawi.ModelFileException;
import kawi.RandomModel;
import kawi.Speculation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file that a conversation is saved to: private, and for one model only. */
class SavedChatFileTest {

    @TempDir
    Path folder;

    @Test
    void aSavedConversationIsForItsOwnerUnlessTheFileSaysOtherwise() throws IOException {
        assumeTrue(Files.getFileStore(folder).supportsFileAttributeView("posix"), "files have no modes here");
        Path file = folder.resolve("fox.chat");
        try (Model model = DemoConversations.loader().threads(1).load();
                Chat chat = model.chat().open()) {
            chat.save(file);
            assertEquals("rw-------", mode(file));
            chat.save(file);
            assertEquals("rw-------", mode(file));
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
            chat.save(file);
            assertEquals("rw-r-----", mode(file));
        }
    }

    /** Any single bit of any weight tells one model from another. */
    @Test
    void aPatchedModelIsNoticed() throws IOException {
        Path file = folder.resolve("fox.chat");
        byte[] weights = DemoConversations.gguf();
        try (Model model = Model.loader(weights, "model.gguf").threads(1).load();
                Chat chat = model.chat().open()) {
            chat.save(file);
        }
        try (Model same = Model.loader(weights, "model.gguf").threads(1).load();
                Chat chat = same.chat().load(file)) {
            assertEquals(0, chat.messages().size());
        }
        for (int from : new int[] {weights.length / 3, weights.length / 2 + 12_345, weights.length - 40}) {
            byte[] patched = weights.clone();
            patched[from] ^= 1;
            try (Model other = Model.loader(patched, "model.gguf").threads(1).load()) {
                String message = String.valueOf(assertThrows(
                                ModelFileException.class, () -> other.chat().load(file))
                        .getMessage());
                assertTrue(message.contains("whose weights are not those of"), message);
            }
        }
    }

    @Test
    void aModelFileThatWasWrittenToSinceItWasLoadedHasNoFingerprint() throws IOException {
        byte[] weights = DemoConversations.gguf();
        Path gguf = Files.write(folder.resolve("model.gguf"), weights);
        try (Model model = Model.loader(gguf).threads(1).load();
                Chat chat = model.chat().open()) {
            weights[weights.length / 2] ^= 1;
            Files.write(gguf, weights);
            Files.setLastModifiedTime(gguf, FileTime.fromMillis(1));
            String message = String.valueOf(assertThrows(ModelFileException.class, () -> chat.save(folder.resolve("x")))
                    .getMessage());
            assertTrue(message.contains("was changed while in use"), message);
        }
    }

    /**
     * Version 3 had no images, version 2 ended without the state of the draft head; the fingerprint is the one that it
     * wrote for this model.
     */
    @Test
    void filesOfTheVersionsBeforeCanBeRead() throws IOException {
        Path file = folder.resolve("fox.chat");
        String expected;
        try (Model model = DemoConversations.loader()
                        .threads(1)
                        .speculation(Speculation.off())
                        .load();
                Chat chat = model.chat().temperature(0).maxTokens(12).open()) {
            chat.send("Tell me about a fox.");
            chat.save(file);
            expected = chat.send("And then?").text();
        }
        byte[] saved = Files.readAllBytes(file);
        String start = new String(saved, 0, 4096, StandardCharsets.ISO_8859_1);
        assertTrue(
                start.contains("\"fingerprint\":\"5e23751507214e42a31e3c2558648b5d698300adf128dc19f7b228b6b0429b43\""),
                start.substring(0, 200));
        assertEquals(4, saved[8]);
        byte[] version3 = saved.clone();
        version3[8] = 3;
        byte[] version2 = Arrays.copyOf(saved, saved.length - EMPTY_DRAFT_BYTES);
        version2[8] = 2;
        for (byte[] before : List.of(version2, version3)) {
            Files.write(file, withChecksum(before));
            try (Model model = DemoConversations.loader().threads(1).load();
                    Chat chat = model.chat().temperature(0).maxTokens(12).load(file)) {
                assertEquals(expected, chat.send("And then?").text());
            }
        }
        for (int size = 0; size < 3; size++) {
            byte[] damaged = saved.clone();
            damaged[saved.length - Integer.BYTES - EMPTY_DRAFT_BYTES + 4 * size + 2] = 1;
            Files.write(file, withChecksum(damaged));
            try (Model model = DemoConversations.loader().threads(1).load()) {
                String message = String.valueOf(assertThrows(
                                ModelFileException.class, () -> model.chat().load(file))
                        .getMessage());
                assertTrue(message.contains("the state of the draft head has sizes"), message);
            }
        }
    }

    /** The sizes of the state of a head that was not used. */
    private static final int EMPTY_DRAFT_BYTES = 3 * Integer.BYTES;

    private static byte[] withChecksum(byte[] file) {
        CRC32C checksum = new CRC32C();
        checksum.update(file, 0, file.length - Integer.BYTES);
        ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(file.length - Integer.BYTES, (int)
                checksum.getValue());
        return file;
    }

    @Test
    void answersThatAreNoTokensAreRefused() throws IOException {
        Path file = folder.resolve("fox.chat");
        try (Model model = DemoConversations.loader().threads(1).load();
                Chat chat = model.chat().temperature(0).maxTokens(3).open()) {
            chat.send("Tell me about a fox.");
            chat.save(file);
            byte[] saved = Files.readAllBytes(file);
            String text = new String(saved, StandardCharsets.ISO_8859_1);
            int from = text.indexOf("\"answers\":[[") + "\"answers\":[[".length();
            int to = text.indexOf(']', from);
            String first = text.substring(from, to);
            assertTrue(first.matches("[0-9]+(,[0-9]+)*"), first);
            for (String wrong : List.of("9999999", "-1", "1.5", "true", "[]")) {
                // Of the same length, since the sizes of what follows are not those of the changed header otherwise.
                assertTrue(wrong.length() <= first.length(), first);
                byte[] damaged = (text.substring(0, from)
                                + wrong
                                + " ".repeat(first.length() - wrong.length())
                                + text.substring(to))
                        .getBytes(StandardCharsets.ISO_8859_1);
                Files.write(file, withChecksum(damaged));
                String message = String.valueOf(assertThrows(
                                ModelFileException.class, () -> model.chat().load(file))
                        .getMessage());
                assertTrue(message.contains("its answers cannot be read: one "), message);
            }
        }
    }

    /** A conversation of a model with a layer for multi-token prediction is not one of the same model without it. */
    @Test
    void aModelWithoutThePredictionLayerIsAnotherModel() throws IOException {
        Path file = folder.resolve("tiny.chat");
        Path with = folder.resolve("with.gguf");
        Path without = folder.resolve("without.gguf");
        RandomModel tiny = RandomModel.of("tiny").type("Q4_0");
        tiny.writeTo(with, step -> {});
        tiny.prediction(false).writeTo(without, step -> {});
        for (Path writer : List.of(with, without)) {
            try (Model model = Model.loader(writer).threads(1).load();
                    Chat chat = model.chat().open()) {
                chat.save(file);
            }
            for (Path reader : List.of(with, without)) {
                try (Model model = Model.loader(reader).threads(1).load()) {
                    if (reader.equals(writer)) {
                        model.chat().load(file).close();
                    } else {
                        String message = String.valueOf(assertThrows(
                                        ModelFileException.class,
                                        () -> model.chat().load(file))
                                .getMessage());
                        assertTrue(message.contains("whose weights are not those of"), message);
                    }
                }
            }
        }
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}
