package kawi.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import kawi.ModelFileException;
import kawi.files.Fixture;
import kawi.files.PartName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Models in several files. */
class GgufModelTest {

    private static final Path WHOLE = Fixture.path(Fixture.F32_GGUF);

    @TempDir
    Path folder;

    @Test
    void anyPartIsTheWholeModel() {
        List<Path> parts = GgufEdit.of(WHOLE).split(folder, "m", 3);
        try (GgufModel whole = GgufModel.open(WHOLE)) {
            assertEquals(1, whole.fileCount());
            for (Path part : parts) {
                try (GgufModel model = GgufModel.open(part)) {
                    assertEquals(3, model.fileCount());
                    assertEquals("m-00001-of-00003.gguf", model.name());
                    assertEquals("qwen35", model.metadata().string("general.architecture"));
                    assertEquals(List.copyOf(whole.tensorNames()), List.copyOf(model.tensorNames()));
                    for (String tensor : whole.tensorNames()) {
                        assertEquals(
                                -1,
                                model.tensor(tensor)
                                        .data()
                                        .mismatch(whole.tensor(tensor).data()),
                                tensor);
                        assertEquals(whole.describe(tensor), model.describe(tensor));
                    }
                    model.checkUnchanged();
                }
            }
        }
    }

    @Test
    void theFirstPartMayHaveKeysOnly() {
        GgufEdit edit = GgufEdit.of(WHOLE);
        int tensors = edit.tensorNames().size();
        edit.put("split.no", MetadataType.UINT16, 1)
                .put("split.count", MetadataType.UINT16, 2)
                .writeTo(folder.resolve("m-00002-of-00002.gguf"));
        Path first = edit.put("split.no", MetadataType.UINT16, 0)
                .put("split.tensors.count", MetadataType.INT32, tensors)
                .removeTensors(name -> true)
                .writeTo(folder.resolve("m-00001-of-00002.gguf"));
        try (GgufModel model = GgufModel.open(first)) {
            assertEquals(tensors, model.tensorNames().size());
        }
    }

    @Test
    void missingPartsAreNamed() throws IOException {
        List<Path> parts = GgufEdit.of(WHOLE).split(folder, "m", 4);
        Files.delete(parts.get(1));
        refused("m-00002-of-00004.gguf is missing in the same folder", () -> GgufModel.open(parts.get(3)));
        Files.delete(parts.get(2));
        refused("m-00002-of-00004.gguf and 1 others are missing", () -> GgufModel.open(parts.get(0)));
        Path renamed = Files.move(parts.getFirst(), folder.resolve("model.gguf"));
        refused("found by names such as model-00001-of-00004.gguf", () -> GgufModel.open(renamed));
        refused(
                "a model in memory must be in one piece",
                () -> GgufModel.of(GgufFile.of(MemorySegment.ofArray(Files.readAllBytes(renamed)), "memory")));
    }

    @Test
    void partsThatDoNotBelongTogetherAreRejected() throws IOException {
        GgufEdit edit = GgufEdit.of(WHOLE);
        List<Path> parts = edit.split(folder, "m", 2);
        byte[] second = Files.readAllBytes(parts.get(1));

        Files.copy(parts.get(0), parts.get(1), StandardCopyOption.REPLACE_EXISTING);
        refused(
                "it is file 2 of 2, but by its keys split.no and split.count it is file 1 of 2",
                () -> GgufModel.open(parts.get(0)));

        Files.write(parts.get(1), second);
        Path third = folder.resolve("m-00002-of-00003.gguf");
        Files.write(third, second);
        refused("by its name there are 3 files, but its key split.count says 2", () -> GgufModel.open(third));

        String last = edit.tensorNames().getLast();
        edit.removeTensors(last::equals).split(folder.resolve(Files.createDirectory(folder.resolve("o"))), "m", 2);
        Files.copy(folder.resolve("o/m-00002-of-00002.gguf"), parts.get(1), StandardCopyOption.REPLACE_EXISTING);
        refused("their models have", () -> GgufModel.open(parts.get(0)));

        edit.put("split.no", MetadataType.UINT16, 1)
                .put("split.count", MetadataType.UINT16, 2)
                .writeTo(parts.get(1));
        refused("tensors (split.tensors.count), but its 2 files have", () -> GgufModel.open(parts.get(0)));
        edit.put("general.architecture", MetadataType.STRING, "llama").writeTo(parts.get(1));
        refused("they have different architectures", () -> GgufModel.open(parts.get(0)));
    }

    @Test
    void aTensorInTwoPartsIsRejected() {
        GgufEdit edit = GgufEdit.of(WHOLE).put("split.count", MetadataType.UINT16, 2);
        Path first = edit.writeTo(folder.resolve("m-00001-of-00002.gguf"));
        edit.put("split.no", MetadataType.UINT16, 1).writeTo(folder.resolve("m-00002-of-00002.gguf"));
        refused("do not belong together: both have a tensor", () -> GgufModel.open(first));
    }

    /** Programs that join parts leave the keys of the first one. */
    @Test
    void aFileWithAllTensorsIsWhole() {
        GgufEdit edit = GgufEdit.of(WHOLE);
        Path joined = edit.put("split.no", MetadataType.UINT16, 0)
                .put("split.count", MetadataType.UINT16, 2)
                .put(
                        "split.tensors.count",
                        MetadataType.INT32,
                        edit.tensorNames().size())
                .writeTo(folder.resolve("joined.gguf"));
        try (GgufModel model = GgufModel.open(joined)) {
            assertEquals(edit.tensorNames().size(), model.tensorNames().size());
        }
        Path merged = edit.put("split.count", MetadataType.UINT16, 0).writeTo(folder.resolve("merged.gguf"));
        GgufModel.open(merged).close();
    }

    @Test
    void namesOfPartsAreCounted() {
        assertEquals(
                List.of("a/B-Q4_0-00001-of-00002.gguf", "a/B-Q4_0-00002-of-00002.gguf"),
                PartName.of("a/B-Q4_0-00002-of-00002.gguf").orElseThrow().all());
        assertEquals(
                List.of("m-1-of-2.GGUF", "m-2-of-2.GGUF"),
                PartName.of("m-1-of-2.GGUF").orElseThrow().all());
        for (String other : List.of(
                "m.gguf",
                "m-00003-of-00002.gguf",
                "m-00000-of-00002.gguf",
                "m-00001-of-00002.safetensors",
                "m-00001-of-99999.gguf")) {
            assertEquals(Optional.empty(), PartName.of(other), other);
        }
    }

    private static void refused(String expected, Executable action) {
        String message =
                String.valueOf(assertThrows(ModelFileException.class, action).getMessage());
        assertTrue(message.contains(expected), () -> "expected «" + expected + "» in: " + message);
    }
}
