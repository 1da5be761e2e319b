package kawi.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SmallFileTest {

    @TempDir
    Path folder;

    @Test
    void filesUpToTheLimitAreRead() throws IOException {
        byte[] bytes = {1, 2, 3};
        Path file = Files.write(folder.resolve("x"), bytes);
        assertArrayEquals(bytes, SmallFile.read(file, 3));
        assertArrayEquals(bytes, SmallFile.read(file, 1 << 26));
        assertEquals(
                "it is longer than the 2 bytes that are read",
                assertThrows(IOException.class, () -> SmallFile.read(file, 2)).getMessage());
    }

    @Test
    void onlyRegularFilesAreOpened() {
        assertEquals(
                "it is not a regular file",
                assertThrows(IOException.class, () -> SmallFile.read(folder, 100))
                        .getMessage());
        assertThrows(NoSuchFileException.class, () -> SmallFile.read(folder.resolve("absent"), 100));
    }
}
