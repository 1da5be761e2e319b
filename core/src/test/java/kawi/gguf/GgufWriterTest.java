package kawi.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import kawi.files.Fixture;
import kawi.quant.WeightFormat;
import kawi.quant.WeightFormats;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class GgufWriterTest {

    private static final WeightFormat F32 = WeightFormats.byName("F32");
    private static final WeightFormat Q8_0 = WeightFormats.byName("Q8_0");

    @TempDir
    Path folder;

    @Test
    void aCopyOfAFileIsThatFile() throws IOException {
        for (String name : List.of(Fixture.F32_GGUF, Fixture.Q8_0_GGUF)) {
            Path copy = folder.resolve("copy.gguf");
            try (GgufFile file = GgufFile.open(Fixture.path(name))) {
                var writer = new GgufWriter();
                Metadata metadata = file.metadata();
                metadata.keys().forEach(key -> writer.put(key, metadata.type(key), metadata.value(key)));
                for (String tensor : file.tensorNames()) {
                    writer.tensor(
                            tensor,
                            file.format(tensor),
                            file.shape(tensor),
                            file.tensor(tensor).data());
                }
                writer.writeTo(copy);
            }
            assertArrayEquals(Fixture.bytes(name), Files.readAllBytes(copy));
        }
    }

    @Test
    void rowsAreEncodedAsTheyCome() throws IOException {
        Path path = folder.resolve("rows.gguf");
        new GgufWriter()
                .put("general.alignment", MetadataType.UINT32, 256)
                .put("tokens", MetadataType.STRING, List.of("a", "b"))
                .tensor("f", F32, new long[] {3, 2, 2}, (row, out) -> {
                    for (int i = 0; i < out.length; i++) {
                        out[i] = (float) row * 10 + i;
                    }
                })
                .tensor("q", Q8_0, new long[] {64}, (row, out) -> Arrays.fill(out, 127))
                .writeTo(path);
        try (GgufFile file = GgufFile.open(path)) {
            assertEquals(List.of("a", "b"), file.metadata().strings("tokens"));
            assertArrayEquals(
                    new float[] {0, 1, 2, 10, 11, 12, 20, 21, 22, 30, 31, 32},
                    file.tensor("f").toFloats());
            assertArrayEquals(new long[] {3, 2, 2}, file.shape("f"));
            assertEquals(127, file.tensor("q").toFloats()[63]);
        }
        assertEquals(0, Files.size(path) % 256);
    }

    @Test
    void aFailingSourceLeavesTheOldFileAndNothingElse() throws IOException {
        Path path = folder.resolve("old.gguf");
        Files.writeString(path, "old");
        var writer = new GgufWriter().tensor("t", F32, new long[] {4, 4}, (row, out) -> {
            if (row == 2) {
                throw new IllegalStateException("no more");
            }
        });
        assertThrows(IllegalStateException.class, () -> writer.writeTo(path));
        assertEquals("old", Files.readString(path));
        assertEquals(List.of(path), content());
        new GgufWriter().writeTo(path);
        assertEquals(List.of(path), content());
        assertTrue(Files.size(path) >= 24);
    }

    private List<Path> content() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    @Test
    void aFolderThatDoesNotExistIsAnIoException() {
        assertThrows(IOException.class, () -> new GgufWriter().writeTo(folder.resolve("none/x.gguf")));
        assertFalse(Files.exists(folder.resolve("none")));
    }

    @Test
    void whatCouldNotBeReadIsNotWritten() {
        var writer =
                new GgufWriter().put("k", MetadataType.BOOL, true).tensor("t", F32, new long[] {1}, (row, out) -> {});
        refused(() -> writer.put("k", MetadataType.BOOL, true));
        refused(() -> writer.put("", MetadataType.BOOL, true));
        refused(() -> writer.put("k".repeat(1025), MetadataType.BOOL, true));
        refused(() -> writer.put("s", MetadataType.STRING, 1));
        refused(() -> writer.put("s", MetadataType.BOOL, 1));
        refused(() -> writer.put("s", MetadataType.FLOAT32, "1"));
        refused(() -> writer.put("s", MetadataType.INT32, 1.0));
        refused(() -> writer.put("s", MetadataType.UINT8, 256));
        refused(() -> writer.put("s", MetadataType.UINT8, -1));
        refused(() -> writer.put("s", MetadataType.INT8, 128));
        refused(() -> writer.put("s", MetadataType.INT32, 1L << 31));
        refused(() -> writer.put("s", MetadataType.UINT64, BigInteger.TWO.pow(64)));
        refused(() -> writer.put("s", MetadataType.INT64, BigInteger.TWO.pow(63)));
        refused(() -> writer.put("s", MetadataType.INT64, List.of(1, "2")));
        refused(() -> writer.put("general.alignment", MetadataType.UINT32, 33));
        refused(() -> writer.put("general.alignment", MetadataType.UINT64, 32));
        refused(() -> writer.tensor("t", F32, new long[] {1}, (row, out) -> {}));
        refused(() -> writer.tensor("u", F32, new long[] {0}, (row, out) -> {}));
        refused(() -> writer.tensor("u", F32, new long[] {1, 1, 1, 1, 1}, (row, out) -> {}));
        refused(() -> writer.tensor("u", Q8_0, new long[] {33}, (row, out) -> {}));
        refused(() -> writer.tensor("u", F32, new long[] {2}, MemorySegment.ofArray(new byte[7])));
        refused(() -> writer.tensor("u", F32, new long[] {}, MemorySegment.ofArray(new byte[4])));
    }

    private static void refused(Executable action) {
        assertThrows(IllegalArgumentException.class, action);
    }
}
