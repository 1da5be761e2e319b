package kawi.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {

    @TempDir
    Path folder;

    @Test
    void whatIsWrittenIsRead() throws IOException {
        Path path = folder.resolve("out.safetensors");
        int columns = 100_003;
        var shapes = new LinkedHashMap<String, long[]>();
        shapes.put("logits", new long[] {2, columns});
        shapes.put("a \"quoted\"\nname ꦏ", new long[] {});
        shapes.put("empty", new long[] {3, 0});
        float[] row = new float[columns];
        try (var writer = SafetensorsWriter.create(path, shapes)) {
            for (int r = 0; r < 2; r++) {
                for (int i = 0; i < columns; i++) {
                    row[i] = r + i / 1e6f;
                }
                writer.write(row, 0, columns);
            }
            assertTrue(Files.notExists(path), "nothing is seen before the file is finished");
            writer.write(MemorySegment.ofArray(new float[] {Float.NaN}));
            writer.finish();
        }
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertArrayEquals(new long[] {2, columns}, file.shape("logits"));
            float[] last = new float[columns];
            file.tensor("logits").decodeRow(1, last, 0);
            assertArrayEquals(row, last);
            assertTrue(Float.isNaN(file.tensor("a \"quoted\"\nname ꦏ").toFloats()[0]));
            assertArrayEquals(new long[] {3, 0}, file.shape("empty"));
        }
        assertEquals(0, (Files.size(path) - 4) % 8, "data begin at a multiple of 8");
    }

    @Test
    void anUnfinishedFileLeavesNoTrace() throws IOException {
        Path path = folder.resolve("out.safetensors");
        try (var writer = SafetensorsWriter.create(path, shape("t", 2))) {
            writer.write(new float[] {1, 2, 3}, 1, 1);
            assertThrows(IllegalStateException.class, writer::finish);
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(0, files.count());
        }
    }

    @Test
    void moreValuesThanDeclaredAreRefused() throws IOException {
        try (var writer = SafetensorsWriter.create(folder.resolve("out.safetensors"), shape("t", 2))) {
            assertThrows(IllegalArgumentException.class, () -> writer.write(new float[3], 0, 3));
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> SafetensorsWriter.create(folder.resolve("out.safetensors"), shape("t", -2)));
    }

    private static SequencedMap<String, long[]> shape(String name, long... shape) {
        var shapes = new LinkedHashMap<String, long[]>();
        shapes.put(name, shape);
        return shapes;
    }
}
