package kawi.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StagedFileTest {

    @TempDir
    Path folder;

    @Test
    void replacesItsTargetOnceComplete() throws IOException {
        Path target = Files.writeString(folder.resolve("x"), "old");
        byte[] large = new byte[3_000_001];
        new Random(1).nextBytes(large);
        try (StagedFile file = StagedFile.create(target)) {
            file.write(new byte[] {1, 2});
            file.pad(32);
            file.pad(32);
            assertEquals(32, file.written());
            file.write(MemorySegment.ofArray(large));
            assertEquals("old", Files.readString(target));
            file.commit();
        }
        byte[] written = Files.readAllBytes(target);
        assertEquals(32 + large.length, written.length);
        assertArrayEquals(large, Arrays.copyOfRange(written, 32, written.length));
        assertEquals(1, countFiles());
    }

    @Test
    void leavesNothingBehindWhenItIsNotComplete() throws IOException {
        try (StagedFile file = StagedFile.create(folder.resolve("x"))) {
            file.write(new byte[10]);
            assertEquals(1, countFiles());
        }
        assertEquals(0, countFiles());
    }

    @Test
    void theFileIsReadableToWhomOtherNewFilesAre() throws IOException {
        Path target = folder.resolve("x");
        try (StagedFile file = StagedFile.create(target)) {
            file.commit();
        }
        Path other = Files.createFile(folder.resolve("y"));
        if (Files.getFileStore(folder).supportsFileAttributeView("posix")) {
            assertEquals(Files.getPosixFilePermissions(other), Files.getPosixFilePermissions(target));
        }
    }

    private long countFiles() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        }
    }
}
