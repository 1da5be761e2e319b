package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import kawi.Chat;
import kawi.Model;
import kawi.ModelFileException;
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

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}
