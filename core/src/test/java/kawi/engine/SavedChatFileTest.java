package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import kawi.Chat;
import kawi.Model;
import kawi.ModelFileException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A conversation is private: so is the file that it is saved to. */
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

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}
