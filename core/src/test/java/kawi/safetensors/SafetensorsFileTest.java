package kawi.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import kawi.ModelFileException;
import kawi.files.Fixture;
import kawi.quant.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsFileTest {

    private static final String F32_2X3 = "{'dtype':'F32','shape':[2,3],'data_offsets':[0,24]}";

    @Test
    void readsTheFixtureThatAnotherProgramWrote() {
        try (SafetensorsFile file = SafetensorsFile.open(Fixture.path(Fixture.BF16_FOLDER + "/model.safetensors"))) {
            assertEquals("model.safetensors", file.name());
            assertEquals(Map.of("format", "pt"), file.metadata());
            assertArrayEquals(new long[] {272, 64}, file.shape("model.embed_tokens.weight"));
            assertEquals("BF16", file.format("model.embed_tokens.weight").name());
            assertEquals("F32", file.format("model.layers.0.linear_attn.A_log").name());
            Tensor convolution = file.tensor("model.layers.0.linear_attn.conv1d.weight");
            assertEquals(4, convolution.columns());
            assertEquals(128, convolution.rows());
            assertEquals(
                    file.tensorNames().stream()
                            .mapToLong(name -> file.tensor(name).data().byteSize())
                            .sum(),
                    file.dataBytes());
        }
    }

    @Test
    void tensorsHaveTheirBytes() {
        SafetensorsFile file = read(
                "{'b':{'dtype':'BF16','shape':[2],'data_offsets':[4,8]},"
                        + "'a':{'dtype':'F32','shape':[],'data_offsets':[0,4]}}    ",
                8);
        assertEquals(List.of("b", "a"), List.copyOf(file.tensorNames()));
        Tensor scalar = file.tensor("a");
        assertEquals(1, scalar.rows());
        assertEquals(1, scalar.columns());
        assertEquals(Float.intBitsToFloat(0x04030201), scalar.toFloats()[0]);
        assertArrayEquals(
                new float[] {Float.intBitsToFloat(0x06050000), Float.intBitsToFloat(0x08070000)},
                file.tensor("b").toFloats());
        assertEquals(0, file.shape("a").length);
    }

    @Test
    void aFileMayHaveNoTensors() {
        assertTrue(read("{}", 0).tensorNames().isEmpty());
        assertEquals(Map.of("a", "b"), read("{'__metadata__':{'a':'b'}}", 0).metadata());
    }

    @Test
    void fieldsToComeAreSkipped() {
        assertEquals(
                6,
                read("{'t':{'x':[{}],'dtype':'F32','shape':[2,3],'data_offsets':[0,24]}}", 24)
                        .tensor("t")
                        .toFloats()
                        .length);
    }

    @Test
    void otherTypesAreRefusedOnlyWhenAskedFor() {
        SafetensorsFile file = read(
                "{'i':{'dtype':'I64','shape':[1],'data_offsets':[0,8]},"
                        + "'n':{'dtype':'NEW_9','shape':[7],'data_offsets':[8,9]},"
                        + "'e':{'dtype':'F32','shape':[3,0],'data_offsets':[9,9]},"
                        + "'f':{'dtype':'F4','shape':[2],'data_offsets':[9,10]},"
                        + "'t':{'dtype':'F32','shape':[1],'data_offsets':[10,14]}}",
                14);
        assertEquals(1, file.tensor("t").toFloats().length);
        assertArrayEquals(new long[] {1}, file.shape("i"));
        refused("test.safetensors: tensor i: dtype I64 is not supported", () -> file.tensor("i"));
        refused("tensor n: dtype NEW_9", () -> file.format("n"));
        refused("tensor e: the shape [3, 0] makes 0 rows of 0", () -> file.tensor("e"));
        refused("there is no tensor x among its 5", () -> file.tensor("x"));
    }

    @Test
    void closingUnmapsTheFile() {
        SafetensorsFile file = SafetensorsFile.open(Fixture.path(Fixture.BF16_FOLDER + "/model.safetensors"));
        Tensor tensor = file.tensor("model.norm.weight");
        file.close();
        file.close();
        assertThrows(IllegalStateException.class, () -> tensor.toFloats());
        assertEquals(
                "model.safetensors is closed",
                assertThrows(IllegalStateException.class, () -> file.tensor("model.norm.weight"))
                        .getMessage());
    }

    @Test
    void otherFilesAreRecognised(@TempDir Path folder) throws IOException {
        Path gguf = Fixture.path(Fixture.F32_GGUF);
        refused("model-f32.gguf is not a safetensors file: it is a GGUF file", () -> SafetensorsFile.open(gguf));
        Path pointer = Files.writeString(
                folder.resolve("model.safetensors"), "version https://git-lfs.github.com/spec/v1\noid sha256:0\n");
        refused("run `git lfs pull`", () -> SafetensorsFile.open(pointer));
        refused("does not exist", () -> SafetensorsFile.open(folder.resolve("none")));
    }

    // The header

    @Test
    void headerLengthsMustFitTheFile() {
        byte[] header = "{}      ".getBytes(StandardCharsets.UTF_8);
        for (long length : List.of(-1L, 0L, 1L, 9L, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE)) {
            refused(
                    "at byte 0: a header of " + Long.toUnsignedString(length) + " bytes is declared",
                    () -> SafetensorsBytes.read(SafetensorsBytes.file(length, header, 0)));
        }
        refused("is not a safetensors file", () -> SafetensorsBytes.read(new byte[7]));
        refused("is not a safetensors file", () -> SafetensorsBytes.read(new byte[8]));
        refused("is not a safetensors file", () -> read(" {}", 0));
    }

    @Test
    void theHeaderIsOneStrictJsonObject() {
        refused("test.safetensors: the JSON cannot be read at byte 9: ", () -> read("{a:1}", 0));
        refused("cannot be read", () -> read("{'a':", 0));
        refused("cannot be read", () -> read("{'a':{", 0));
        refused("at byte 10: the JSON object has ended, but more follows", () -> read("{}{}", 0));
        refused("at byte 14: found an array, but expected an object", () -> read("{ 'a':[]}", 0));
        refused("the name a is declared twice", () -> read("{'a':" + F32_2X3 + ",'a':" + F32_2X3 + "}", 24));
        refused("the name __metadata__ is declared twice", () -> read("{'__metadata__':{},'__metadata__':{}}", 0));
        refused("the name dtype is declared twice", () -> read("{'a':{'dtype':'F32','dtype':'F32'}}", 0));
        refused("found an integer, but expected a string", () -> read("{'__metadata__':{'a':1}}", 0));
        refused("found null, but expected an object", () -> read("{'__metadata__':null}", 0));
        refused("cannot be read", () -> read("{'a':{'x':" + "[".repeat(100_000), 0));
        refused("cannot be read", () -> read("{'" + "a".repeat(5000) + "':{}}", 0));
    }

    @Test
    void theHeaderIsUtf8() {
        byte[] header = "{\"a\":\"\u00ff\"}".getBytes(StandardCharsets.ISO_8859_1);
        refused(
                "the JSON in the 9 bytes from byte 8 on is not UTF-8",
                () -> SafetensorsBytes.read(SafetensorsBytes.file(header.length, header, 0)));
        byte[] wide = "{}".getBytes(StandardCharsets.UTF_16LE);
        refused("cannot be read", () -> SafetensorsBytes.read(SafetensorsBytes.file(wide.length, wide, 0)));
    }

    @Test
    void offsetsInMessagesCountBytesNotCharacters() {
        // {"ꦏ":1} where the character has three bytes
        refused("at byte 15: found an integer", () -> read("{'ꦏ':1}", 0));
    }

    // Tensors

    @Test
    void descriptionsMustBeWhole() {
        refusedTensor("dtype, shape and two data_offsets are required", "{}");
        refusedTensor("are required", "{'shape':[2,3],'data_offsets':[0,24]}");
        refusedTensor("are required", "{'dtype':'F32','data_offsets':[0,24]}");
        refusedTensor("are required", "{'dtype':'F32','shape':[2,3]}");
        refusedTensor("are required", "{'dtype':'F32','shape':[2,3],'data_offsets':[24]}");
        refusedTensor("more than 2 data offsets", "{'dtype':'F32','shape':[2,3],'data_offsets':[0,24,24]}");
        refusedTensor("found an integer, but expected a string", "{'dtype':1,'shape':[2,3],'data_offsets':[0,24]}");
        refusedTensor("found a string, but expected an array", "{'dtype':'F32','shape':'2','data_offsets':[0,24]}");
        refusedTensor(
                "found a number with a fraction or exponent, but expected an integer",
                "{'dtype':'F32','shape':[6.0],'data_offsets':[0,24]}");
        refusedTensor(
                "found -6, but expected an integer from 0 to 9223372036854775807",
                "{'dtype':'F32','shape':[-6],'data_offsets':[0,24]}");
        refusedTensor(
                "found 9223372036854775808, but expected an integer",
                "{'dtype':'F32','shape':[9223372036854775808],'data_offsets':[0,24]}");
        refusedTensor("cannot be read", "{'dtype':'F32','shape':[" + "9".repeat(100_000) + "],'data_offsets':[0,24]}");
        refusedTensor(
                "more than 64 dimensions", "{'dtype':'F32','shape':[6" + ",1".repeat(64) + "],'data_offsets':[0,24]}");
    }

    @Test
    void sizesMustAgree() {
        refusedTensor(
                "tensor t: F32 of shape [2, 2] needs 128 bits, but the data offsets have 24 bytes",
                "{'dtype':'F32','shape':[2,2],'data_offsets':[0,24]}");
        refusedTensor("F4 of shape [3] needs 12 bits", "{'dtype':'F4','shape':[3],'data_offsets':[0,1]}");
        refusedTensor("the data offsets 24 to 0 are not a range", "{'dtype':'F32','shape':[6],'data_offsets':[24,0]}");
        refusedTensor(
                "the data offsets 0 to 9223372036854775807 are not a range",
                "{'dtype':'F32','shape':[6],'data_offsets':[0,9223372036854775807]}");
        // 2^32 * 2^32 is 0 modulo 2^64, and 2^31 * 2^31 F32 weights have 0 bytes modulo 2^64.
        refusedTensor(
                "multiply to more than can be addressed",
                "{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,0]}");
        refusedTensor(
                "multiply to more than can be addressed",
                "{'dtype':'F32','shape':[2147483648,2147483648],'data_offsets':[0,0]}");
    }

    @Test
    void tensorsFillTheDataExactly() {
        String second = ",'u':{'dtype':'U8','shape':[4],'data_offsets':[%d,%d]}}";
        assertEquals(
                2,
                read("{'t':" + F32_2X3 + second.formatted(24, 28), 28)
                        .tensorNames()
                        .size());
        refused(
                "tensor u begins at byte 139, but the tensors before it end at byte 143",
                () -> read("{'t':" + F32_2X3 + second.formatted(20, 24), 24));
        refused("tensor u begins at byte", () -> read("{'t':" + F32_2X3 + second.formatted(25, 29), 29));
        refused(
                "but the file at byte 146; the file is truncated",
                () -> read("{'t':" + F32_2X3 + second.formatted(24, 28), 27));
        refused("; the rest is unknown", () -> read("{'t':" + F32_2X3 + "}", 25));
        refused("the file is truncated", () -> read("{'t':" + F32_2X3 + "}", 0));
    }

    @Test
    void aTruncatedFileIsRefusedWhereverItEnds() {
        byte[] bytes = SafetensorsBytes.file(json("{'t':" + F32_2X3 + "}"), 24);
        assertEquals(1, SafetensorsBytes.read(bytes).tensorNames().size());
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThrows(ModelFileException.class, () -> SafetensorsBytes.read(cut), "length " + length);
        }
    }

    private static void refusedTensor(String expected, String description) {
        refused(expected, () -> read("{'t':" + description + "}", 24));
    }

    private static SafetensorsFile read(String json, int dataBytes) {
        return SafetensorsBytes.read(SafetensorsBytes.file(json(json), dataBytes));
    }

    private static String json(String withApostrophes) {
        return withApostrophes.replace('\'', '"');
    }

    private static void refused(String expected, Executable action) {
        String message =
                String.valueOf(assertThrows(ModelFileException.class, action).getMessage());
        assertTrue(message.contains(expected), () -> "expected «" + expected + "» in: " + message);
    }
}
