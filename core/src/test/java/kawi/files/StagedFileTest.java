package kawi.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    @ParameterizedTest
    @ValueSource(strings = {"rw-------", "rw-r-----", "rw-rw-r--", "rwxrwxrwx", "r--------"})
    void aFileThatIsReplacedKeepsItsMode(String mode) throws IOException {
        assumePosix();
        Path target = Files.writeString(folder.resolve("x"), "old");
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString(mode));
        replace(StagedFile.create(target), mode);
        assertEquals(mode, mode(target));
        replace(StagedFile.createPrivate(target), mode);
        assertEquals(mode, mode(target));
        assertEquals("new", Files.readString(target));
    }

    private void replace(StagedFile created, String mode) throws IOException {
        try (StagedFile file = created;
                Stream<Path> files = Files.list(folder)) {
            Path staged = files.filter(path -> path.toString().endsWith(".part"))
                    .findFirst()
                    .orElseThrow();
            assertEquals(mode, mode(staged), "before anything is written");
            file.write("new".getBytes(StandardCharsets.UTF_8));
            file.commit();
        }
    }

    @Test
    void aNewPrivateFileIsForItsOwner() throws IOException {
        assumePosix();
        Path target = folder.resolve("x");
        replace(StagedFile.createPrivate(target), "rw-------");
        assertEquals("rw-------", mode(target));
    }

    @Test
    void aLinkStaysALink() throws IOException {
        assumePosix();
        Path target = Files.writeString(folder.resolve("x"), "old");
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("x"));
        try (StagedFile file = StagedFile.create(link)) {
            file.write("new".getBytes(StandardCharsets.UTF_8));
            file.commit();
        }
        assertEquals("new", Files.readString(target));
        assertTrue(Files.isSymbolicLink(link));
        assertEquals(2, countFiles());
    }

    private void assumePosix() throws IOException {
        assumeTrue(Files.getFileStore(folder).supportsFileAttributeView("posix"), "files have no modes here");
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private long countFiles() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        }
    }
}
