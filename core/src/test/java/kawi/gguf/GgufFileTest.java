package kawi.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import kawi.ModelFile;
import kawi.ModelFileException;
import kawi.files.Fixture;
import kawi.quant.Tensor;
import kawi.quant.WeightFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class GgufFileTest {

    private static final int F32 = 0;
    private static final int Q8_0 = 8;

    @Test
    void readsTheFixtureThatAnotherProgramWrote() {
        try (GgufFile file = GgufFile.open(Fixture.path(Fixture.F32_GGUF))) {
            assertEquals("model-f32.gguf", file.name());
            assertEquals(3, file.version());
            Metadata metadata = file.metadata();
            assertEquals("qwen35", metadata.string("general.architecture"));
            assertEquals(5, metadata.integer("qwen35.block_count", 1, 1000));
            assertEquals(1e-6, metadata.floating("qwen35.attention.layer_norm_rms_epsilon"), 1e-12);
            assertArrayEquals(new int[] {3, 3, 2, 0}, metadata.ints("qwen35.rope.dimension_sections"));
            assertFalse(metadata.bool("tokenizer.ggml.add_bos_token"));
            List<String> tokens = metadata.strings("tokenizer.ggml.tokens");
            assertEquals(272, tokens.size());
            assertEquals("<t271>", tokens.get(271));
            assertArrayEquals(new long[] {64, 272}, file.shape("token_embd.weight"));
            Tensor embedding = file.tensor("token_embd.weight");
            assertEquals(272, embedding.rows());
            assertEquals(64, embedding.columns());
            assertEquals("F32", file.format("token_embd.weight").name());
            assertEquals(
                    file.tensorNames().stream()
                            .mapToLong(name -> file.tensor(name).data().byteSize())
                            .sum(),
                    file.dataBytes());
        }
    }

    @Test
    void readsQuantizedTensors() {
        try (GgufFile file = GgufFile.open(Fixture.path(Fixture.Q8_0_GGUF))) {
            assertEquals("Q8_0", file.format("output.weight").name());
            assertEquals(64, file.tensor("output.weight").toFloats().length / 272);
        }
    }

    @Test
    void everyByteOfTheFixturesIsUnderstood() {
        for (String name : List.of(Fixture.F32_GGUF, Fixture.Q8_0_GGUF)) {
            byte[] bytes = Fixture.bytes(name);
            MemorySegment data = MemorySegment.ofArray(bytes);
            byte[] head = GgufBytes.encodeHead(GgufFile.of(data, name), data);
            assertArrayEquals(Arrays.copyOf(bytes, head.length), head);
        }
    }

    @Test
    void versionTwoIsReadLikeVersionThree() {
        GgufFile file = GgufBytes.header(2, 1, 1)
                .key("a", MetadataType.UINT32, 7)
                .tensor("t", F32, 0, 2)
                .data(8)
                .read();
        assertEquals(2, file.version());
        assertEquals(7, file.metadata().integer("a"));
        assertEquals(8, file.tensor("t").data().byteSize());
    }

    @Test
    void aFileMayHaveNoTensorsAndNoKeys() {
        assertTrue(GgufBytes.header(3, 0, 0).read().tensorNames().isEmpty());
    }

    /** The lengths of strings lie on, and across, the bounds of every window, and some strings are longer than any. */
    @Test
    void stringsOfAnyLengthAreReadAcrossWindows(@TempDir Path folder) throws IOException {
        List<String> strings = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            strings.add(String.valueOf((char) ('a' + i % 26)).repeat(i % 997));
        }
        for (int length : new int[] {65_527, 65_528, 65_529, 65_535, 65_536, 65_537, 200_000, 0}) {
            strings.add("é".repeat(length / 2) + "x".repeat(length % 2));
        }
        Path path = folder.resolve("strings.gguf");
        new GgufWriter()
                .put("strings", MetadataType.STRING, strings)
                .put(
                        "numbers",
                        MetadataType.INT32,
                        IntStream.range(0, 40_000).boxed().toList())
                .put("last", MetadataType.UINT32, 7)
                .writeTo(path);
        try (GgufFile onDisk = GgufFile.open(path)) {
            GgufFile inMemory = GgufFile.of(MemorySegment.ofArray(Files.readAllBytes(path)), "memory");
            for (GgufFile file : List.of(onDisk, inMemory)) {
                Metadata metadata = file.metadata();
                assertEquals(7, metadata.integer("last"));
                List<String> read = metadata.strings("strings");
                assertEquals(strings, read);
                assertEquals(strings.reversed(), read.reversed());
                // By several threads at once.
                assertTrue(IntStream.range(0, strings.size())
                        .parallel()
                        .allMatch(i -> strings.get(i).equals(read.get(i))));
                assertArrayEquals(IntStream.range(0, 40_000).toArray(), metadata.ints("numbers"));
                assertEquals(strings.size(), metadata.packedStrings("strings").count());
            }
        }
    }

    @Test
    void anElementThatWasReadBeforeIsNotReadAfterClosing(@TempDir Path folder) throws IOException {
        Path path = folder.resolve("strings.gguf");
        new GgufWriter().put("strings", MetadataType.STRING, List.of("a", "b")).writeTo(path);
        GgufFile file = GgufFile.open(path);
        List<String> strings = file.metadata().strings("strings");
        assertEquals("a", strings.getFirst());
        file.close();
        assertEquals(
                "strings.gguf is closed",
                assertThrows(IllegalStateException.class, strings::getFirst).getMessage());
    }

    @Test
    void closingUnmapsTheFile() {
        GgufFile file = GgufFile.open(Fixture.path(Fixture.F32_GGUF));
        Metadata metadata = file.metadata();
        Tensor tensor = file.tensor("output_norm.weight");
        file.close();
        file.close();
        assertThrows(IllegalStateException.class, () -> tensor.toFloats());
        var fromTensor = assertThrows(IllegalStateException.class, () -> file.tensor("output_norm.weight"));
        assertEquals("model-f32.gguf is closed", fromTensor.getMessage());
        var fromKey = assertThrows(IllegalStateException.class, () -> metadata.string("general.architecture"));
        assertEquals("model-f32.gguf is closed", fromKey.getMessage());
    }

    @Test
    void aTensorThatIsNotThereIsNamed() {
        refused(
                "test.gguf: there is no tensor x among its 0",
                () -> GgufBytes.header(3, 0, 0).read().tensor("x"));
    }

    // What is not GGUF at all

    @Test
    void otherFilesAreRecognised(@TempDir Path folder) throws IOException {
        assertRefusedFile(
                folder, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "`git lfs pull`");
        assertRefusedFile(folder, "\n <!DOCTYPE html><html>", "an HTML page");
        assertRefusedFile(folder, "PK\3\4rest", "a zip archive");
        assertRefusedFile(folder, "\2\0\0\0\0\0\0\0{}", "a safetensors file");
        assertRefusedFile(folder, "lmgg", "before GGUF");
        assertRefusedFile(folder, "GG", "begins with 47 47 \"GG\"");
        assertRefusedFile(folder, "\u001b[2J", "begins with 1b 5b 32 4a \".[2J\"");
        assertRefusedFile(folder, "", "is empty");
        refused(folder + " is a directory", () -> GgufFile.open(folder));
        refused("does not exist", () -> GgufFile.open(folder.resolve("none.gguf")));
    }

    private static void assertRefusedFile(Path folder, String content, String expected) throws IOException {
        Path file = Files.write(folder.resolve("x.gguf"), content.getBytes(StandardCharsets.ISO_8859_1));
        String message = refused(expected, () -> GgufFile.open(file));
        assertTrue(message.contains("x.gguf"), message);
    }

    @Test
    void versionsAndByteOrdersThatAreNotReadAreRefused() {
        refused(
                "test.gguf: header at byte 4: GGUF version 1 ",
                () -> GgufBytes.header(1, 0, 0).read());
        refused("GGUF version 4 is unknown", () -> GgufBytes.header(4, 0, 0).read());
        refused("GGUF version 0 is unknown", () -> GgufBytes.header(0, 0, 0).read());
        refused("big endian (version 3)", () -> GgufBytes.header(3 << 24, 0, 0).read());
    }

    // Counts and lengths

    @Test
    void countsMustFitTheFile() {
        refused(
                "header at byte 8: 18446744073709551615 tensors",
                () -> GgufBytes.header(3, -1, 0).read());
        refused(
                "1152921504606846976 tensors of 33 or more bytes",
                () -> GgufBytes.header(3, 1L << 60, 0).read());
        refused("metadata entries", () -> GgufBytes.header(3, 0, 1L << 40).read());
        refused(
                "the file has only 0 more bytes",
                () -> GgufBytes.header(3, 0, 1).read());
    }

    @Test
    void stringLengthsMustFitTheFile() {
        refused(
                "metadata entry 0 at byte 24: a string of 4611686018427387904 bytes is declared, but the file has only 16",
                () -> GgufBytes.header(3, 0, 1)
                        .int64(1L << 62)
                        .int64(0)
                        .int64(0)
                        .read());
        refused(
                "a string of 18446744073709551615 bytes",
                () -> GgufBytes.header(3, 0, 1).int64(-1).int64(0).int64(0).read());
        refused(
                "key k at byte 37: a string of 9 bytes is declared, but the file has only 8 more",
                () -> GgufBytes.header(3, 0, 1)
                        .string("k")
                        .int32(8)
                        .int64(9)
                        .int64(0)
                        .read());
    }

    @Test
    void arrayLengthsMustFitTheFile() {
        refused(
                "key k at byte 41: 2305843009213693952 u64 values of 8 or more bytes",
                () -> GgufBytes.header(3, 0, 1)
                        .string("k")
                        .int32(9)
                        .int32(10)
                        .int64(1L << 61)
                        .int64(0)
                        .read());
        refused(
                "3 strings of 8 or more bytes",
                () -> GgufBytes.header(3, 0, 1)
                        .string("k")
                        .int32(9)
                        .int32(8)
                        .int64(3)
                        .string("")
                        .string("")
                        .read());
        refused(
                "a string of 4 bytes is declared, but the file has only 3 more",
                () -> GgufBytes.header(3, 0, 1)
                        .string("k")
                        .int32(9)
                        .int32(8)
                        .int64(1)
                        .int64(4)
                        .bytes(1, 2, 3)
                        .read());
    }

    @Test
    void hugeArraysAreRefusedThoughTheFileHasRoomForThem() {
        int count = (1 << 24) + 1;
        byte[] head = GgufBytes.header(3, 0, 1)
                .string("k")
                .int32(9)
                .int32(0)
                .int64(count)
                .toBytes();
        byte[] bytes = Arrays.copyOf(head, head.length + count);
        refused(
                "16777217 u8 values are declared, more than the 16777216",
                () -> GgufFile.of(MemorySegment.ofArray(bytes), "test.gguf"));
    }

    @Test
    void nestingIsBounded() {
        GgufBytes bytes = GgufBytes.header(3, 0, 1).string("k").int32(9);
        for (int depth = 0; depth < 100_000; depth++) {
            bytes.int32(9).int64(1);
        }
        refused("nested more than 4 deep", bytes.int32(0).int64(0)::read);
    }

    @Test
    void aTruncatedFileIsRefusedWhereverItEnds() {
        byte[] bytes = GgufBytes.header(3, 1, 2)
                .key("a", MetadataType.STRING, "text")
                .key("b", MetadataType.ARRAY, new MetadataArray(MetadataType.STRING, List.of("x", "yz")))
                .tensor("t", F32, 0, 8)
                .data(32)
                .toBytes();
        assertEquals(
                1,
                GgufFile.of(MemorySegment.ofArray(bytes), "test.gguf")
                        .tensorNames()
                        .size());
        for (int length = 0; length < bytes.length; length++) {
            MemorySegment cut = MemorySegment.ofArray(Arrays.copyOf(bytes, length));
            assertThrows(ModelFileException.class, () -> GgufFile.of(cut, "test.gguf"), "length " + length);
        }
    }

    // Metadata

    @Test
    void allTypesAreDecoded() {
        Metadata metadata = GgufBytes.header(3, 0, 13)
                .key("u8", MetadataType.UINT8, 255)
                .key("i8", MetadataType.INT8, -128)
                .key("u16", MetadataType.UINT16, 65535)
                .key("i16", MetadataType.INT16, -32768)
                .key("u32", MetadataType.UINT32, 4294967295L)
                .key("i32", MetadataType.INT32, -2147483648)
                .key("u64", MetadataType.UINT64, Long.MAX_VALUE)
                .key("huge", MetadataType.UINT64, new BigInteger("18446744073709551615"))
                .key("i64", MetadataType.INT64, Long.MIN_VALUE)
                .key("f32", MetadataType.FLOAT32, 1.5f)
                .key("f64", MetadataType.FLOAT64, 0.1)
                .key("bool", MetadataType.BOOL, true)
                .key("string", MetadataType.STRING, "kawi ꦏꦮꦶ 🪁")
                .read()
                .metadata();
        assertEquals(255, metadata.integer("u8"));
        assertEquals(-128, metadata.integer("i8"));
        assertEquals(65535, metadata.integer("u16"));
        assertEquals(-32768, metadata.integer("i16"));
        assertEquals(4294967295L, metadata.integer("u32"));
        assertEquals(-2147483648L, metadata.integer("i32"));
        assertEquals(Long.MAX_VALUE, metadata.integer("u64"));
        assertEquals(Long.MIN_VALUE, metadata.integer("i64"));
        assertEquals(1.5, metadata.floating("f32"));
        assertEquals(0.1, metadata.floating("f64"));
        assertTrue(metadata.bool("bool"));
        assertEquals("kawi ꦏꦮꦶ 🪁", metadata.string("string"));
        assertEquals(new BigInteger("18446744073709551615"), metadata.value("huge"));
        assertEquals(255L, metadata.value("u8"));
        assertEquals(1.5f, metadata.value("f32"));
        assertEquals(MetadataType.INT16, metadata.type("i16"));
        refused("key huge at byte", () -> metadata.integer("huge"));
    }

    @Test
    void arraysAreDecoded() {
        var nested = new MetadataArray(
                MetadataType.ARRAY,
                List.of(
                        new MetadataArray(MetadataType.INT32, List.of(1L, -2L)),
                        new MetadataArray(MetadataType.STRING, List.of("a", ""))));
        Metadata metadata = GgufBytes.header(3, 0, 5)
                .key("strings", MetadataType.ARRAY, new MetadataArray(MetadataType.STRING, List.of("x", "", "ÿ")))
                .key("ints", MetadataType.ARRAY, new MetadataArray(MetadataType.UINT16, List.of(1, 65535)))
                .key("floats", MetadataType.ARRAY, new MetadataArray(MetadataType.FLOAT32, List.of(0.5f)))
                .key("bools", MetadataType.ARRAY, new MetadataArray(MetadataType.BOOL, List.of(true, false)))
                .key("nested", MetadataType.ARRAY, nested)
                .read()
                .metadata();
        assertEquals(List.of("x", "", "ÿ"), metadata.strings("strings"));
        assertEquals(3, metadata.packedStrings("strings").count());
        assertArrayEquals(new int[] {1, 65535}, metadata.ints("ints"));
        assertEquals(new MetadataArray(MetadataType.FLOAT32, List.of(0.5f)), metadata.value("floats"));
        assertArrayEquals(new boolean[] {true, false}, metadata.bools("bools"));
        assertEquals(nested, metadata.value("nested"));
        assertTrue(metadata.isArray("nested"));
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> metadata.strings("strings").get(3));
        refused("found an array of type string, but expected an array of integers", () -> metadata.ints("strings"));
        refused("found a value of type array, but expected a string", () -> metadata.string("strings"));
    }

    @Test
    void longArraysAreShownByTheirFirstElements() {
        var array = new MetadataArray(MetadataType.STRING, List.of("a", "b", "c", "d", "e"));
        assertEquals("[a, b, c, d, … 5 in all]", array.toString());
        assertEquals("[1]", new MetadataArray(MetadataType.INT8, List.of(1)).toString());
    }

    @Test
    void wrongKeysAndTypesAreNamed() {
        Metadata metadata = GgufBytes.header(3, 0, 2)
                .key("a.b", MetadataType.STRING, "x")
                .key("n", MetadataType.INT32, -3)
                .read()
                .metadata();
        refused("test.gguf: key c is missing; expected an integer", () -> metadata.integer("c"));
        refused(
                "test.gguf: key a.b at byte 39: found a value of type string, but expected an integer",
                () -> metadata.integer("a.b"));
        refused("the value is -3, but must be from 0 to 10", () -> metadata.integer("n", 0, 10));
        assertEquals(-3, metadata.floating("n"));
        refused("expected a number", () -> metadata.floating("a.b"));
        refused("expected a bool", () -> metadata.bool("n"));
        refused("expected an array of strings", () -> metadata.strings("n"));
        assertTrue(metadata.optionalString("c").isEmpty());
        assertTrue(metadata.optionalInteger("c", 0, 1).isEmpty());
        assertTrue(metadata.optionalFloating("c").isEmpty());
        assertTrue(metadata.optionalBool("c").isEmpty());
        refused("expected a string", () -> metadata.optionalString("n"));
    }

    @Test
    void integersMustFit() {
        Metadata metadata = GgufBytes.header(3, 0, 1)
                .key("k", MetadataType.ARRAY, new MetadataArray(MetadataType.UINT32, List.of(1, 4294967295L)))
                .read()
                .metadata();
        refused("key k at byte 53: the element 4294967295 does not fit 32 bits", () -> metadata.ints("k"));
    }

    @Test
    void aKeyMustNotBeThereTwice() {
        refused(
                "key k at byte 38: the key is declared twice",
                () -> GgufBytes.header(3, 0, 2)
                        .key("k", MetadataType.BOOL, true)
                        .key("k", MetadataType.BOOL, true)
                        .read());
    }

    @Test
    void keysMustHaveACharacterAndNotTooMany() {
        refused(
                "the name is empty",
                () -> GgufBytes.header(3, 0, 1).key("", MetadataType.UINT64, 1).read());
        refused(
                "a string of 1025 bytes is declared, more than the 1024",
                () -> GgufBytes.header(3, 0, 1)
                        .key("k".repeat(1025), MetadataType.UINT64, 1)
                        .read());
    }

    @Test
    void textMustBeUtf8() {
        refused(
                "a string of 2 bytes is not UTF-8; it begins with 6b ff \"k.\"",
                () -> GgufBytes.header(3, 0, 1)
                        .int64(2)
                        .bytes('k', 0xFF)
                        .int32(10)
                        .int64(0)
                        .read());
        // An overlong encoding of '/', and half of a surrogate pair.
        Metadata metadata = GgufBytes.header(3, 0, 2)
                .string("a")
                .int32(8)
                .int64(2)
                .bytes(0xC0, 0xAF)
                .string("b")
                .int32(9)
                .int32(8)
                .int64(2)
                .string("fine \uFFFD")
                .int64(3)
                .bytes(0xED, 0xA0, 0x80)
                .read()
                .metadata();
        refused("key a at byte", () -> metadata.string("a"));
        assertEquals("fine \uFFFD", metadata.strings("b").get(0));
        refused("key b at byte", () -> metadata.strings("b").get(1));
    }

    @Test
    void boolsAreZeroOrOne() {
        refused(
                "a bool is 0 or 1, but this one is 2",
                () -> GgufBytes.header(3, 0, 1).string("k").int32(7).bytes(2).read());
        refused(
                "a bool is 0 or 1, but this one is 255",
                () -> GgufBytes.header(3, 0, 1)
                        .string("k")
                        .int32(9)
                        .int32(7)
                        .int64(2)
                        .bytes(1, 255)
                        .read());
    }

    @Test
    void unknownValueTypesAreRefused() {
        refused(
                "key k at byte 33: value type 13 is unknown",
                () -> GgufBytes.header(3, 0, 1).string("k").int32(13).int64(0).read());
        refused(
                "value type 4294967295 is unknown",
                () -> GgufBytes.header(3, 0, 1)
                        .string("k")
                        .int32(9)
                        .int32(-1)
                        .int64(0)
                        .read());
    }

    @Test
    void hostileNamesCannotWriteToTheTerminal() {
        String message = refused(
                "key \\u{1B}[2J",
                () -> GgufBytes.header(3, 0, 1)
                        .string("\u001b[2J\u202e")
                        .int32(99)
                        .int64(0)
                        .read());
        assertTrue(message.chars().noneMatch(c -> c < ' ' || c == 0x202e), message);
    }

    // Alignment

    @Test
    void alignmentIsHonoured() {
        byte[] head = GgufBytes.header(3, 1, 1)
                .key("general.alignment", MetadataType.UINT32, 64)
                .tensor("t", F32, 64, 1)
                .toBytes();
        byte[] bytes = Arrays.copyOf(head, (head.length + 63) / 64 * 64 + 64 + 4);
        bytes[bytes.length - 1] = 0x40;
        GgufFile file = GgufFile.of(MemorySegment.ofArray(bytes), "test.gguf");
        assertArrayEquals(new float[] {2}, file.tensor("t").toFloats());
    }

    @Test
    void alignmentsThatCannotBeAreRefused() {
        for (long alignment : List.of(0L, 1L, 4L, 48L, 1L << 21, 1L << 31)) {
            refused(
                    "key general.alignment is " + alignment,
                    () -> GgufBytes.header(3, 0, 1)
                            .key("general.alignment", MetadataType.UINT32, alignment)
                            .read());
        }
        refused(
                "expected an integer",
                () -> GgufBytes.header(3, 0, 1)
                        .key("general.alignment", MetadataType.STRING, "32")
                        .read());
    }

    // Tensors

    @Test
    void tensorsFoldAllButTheContiguousDimension() {
        GgufFile file = GgufBytes.header(3, 1, 0)
                .tensor("t", F32, 0, 2, 3, 1, 2)
                .data(48)
                .read();
        assertArrayEquals(new long[] {2, 3, 1, 2}, file.shape("t"));
        assertEquals(2, file.tensor("t").columns());
        assertEquals(6, file.tensor("t").rows());
        assertEquals(48, file.dataBytes());
    }

    @Test
    void shapesMustMakeSense() {
        refusedTensor("9 dimensions are declared", F32, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1);
        refusedTensor("the shape 8x0 has no weights", F32, 0, 8, 0);
        refusedTensor("dimension 0 is 18446744073709551615", F32, 0, -1);
        refusedTensor("dimension 0 is 2147483648", F32, 0, 1L << 31);
        refusedTensor("make more than 2147483647 rows", F32, 0, 1, 1 << 20, 1 << 20);
        refusedTensor("make more than 2147483647 rows", F32, 0, 1, 1 << 30, 1 << 30, 1 << 30);
        refusedTensor("Q8_0 comes in blocks of 32, but rows have 33 weights", Q8_0, 0, 33);
    }

    /** Files in which Q2_0 has groups of 128: 34 bytes each, where two groups of 64 have 36. */
    @Test
    void groupsOfQ2_0AreRecognizedByTheirSize() {
        GgufFile wide = GgufBytes.header(3, 3, 0)
                .tensor("a", 42, 0, 256, 4)
                .tensor("b", 42, 288, 1280)
                .tensor("f", F32, 640, 8)
                .data(672)
                .read();
        assertEquals("PQ2_0", wide.format("a").name());
        assertEquals("PQ2_0", wide.describe("b").format());
        assertEquals(4 * 2 * 34, wide.tensor("a").bytes());
        GgufFile narrow = GgufBytes.header(3, 2, 0)
                .tensor("a", 42, 0, 256, 4)
                .tensor("f", F32, 288, 8)
                .data(320)
                .read();
        assertEquals("Q2_0", narrow.format("a").name());
        // Not all: this is a file that ends too early.
        refused(
                "1280 Q2_0 needs 360 bytes",
                () -> GgufBytes.header(3, 2, 0)
                        .tensor("a", 42, 0, 1280, 4)
                        .tensor("b", 42, 1440, 1280)
                        .data(1440 + 352)
                        .read());
    }

    /** IQ4_KS has the f32 factor of a row in front of its blocks of 136 bytes. */
    @Test
    void rowsMayHaveAHeader() {
        int rowBytes = 4 + 2 * 136;
        GgufFile file = GgufBytes.header(3, 1, 0)
                .tensor("t", 144, 0, 512, 2)
                .data(2 * rowBytes)
                .read();
        WeightFormat format = file.format("t");
        assertEquals("IQ4_KS", format.name());
        assertEquals(2L * rowBytes, file.dataBytes());
        Tensor tensor = file.tensor("t");
        assertEquals(4 * 140, tensor.bytes());
        float[] expected = new float[1024];
        for (int block = 0; block < 4; block++) {
            byte[] bytes = new byte[140];
            int row = block / 2 * rowBytes;
            for (int i = 0; i < 140; i++) {
                bytes[i] = (byte) (1 + row + (i < 4 ? i : i + block % 2 * 136)); // data() counts
            }
            format.decode(MemorySegment.ofArray(bytes), 0, expected, 256 * block, 256);
        }
        assertArrayEquals(expected, tensor.toFloats());
        float[] second = new float[512];
        tensor.decodeRow(1, second, 0);
        assertArrayEquals(Arrays.copyOfRange(expected, 512, 1024), second);
        assertArrayEquals(second, tensor.slice(1, 1).toFloats());
        refusedTensor("512x2 IQ4_KS needs 552 bytes", 144, 0, 512, 2);
    }

    @Test
    void unknownTensorTypesAreRefusedByName() {
        refusedTensor("tensor t: tensor type IQ2_K is not supported", 137, 0, 256);
        refusedTensor("I32", 26, 0, 2);
        refusedTensor("tensor type number 4294967295", -1, 0, 2);
    }

    @Test
    void dataMustLieInTheFile() {
        refusedTensor(
                "tensor t at byte 24: 9 F32 needs 36 bytes at data offset 0; the data begins at byte 64 and the file ends"
                        + " at byte 96",
                F32,
                0,
                9);
        refusedTensor("needs 4 bytes at data offset 32", F32, 32, 1);
        refusedTensor("at data offset 9223372036854775776", F32, Long.MAX_VALUE - 31, 1);
        refusedTensor("at data offset 18446744073709551584", F32, -32, 1);
        refusedTensor("needs 18446744056529682436 bytes", F32, 0, Integer.MAX_VALUE, Integer.MAX_VALUE);
        refusedTensor("data offset 4 is not a multiple of the alignment 32", F32, 4, 1);
    }

    private static void refusedTensor(String expected, int type, long offset, long... shape) {
        refused(
                expected,
                () -> GgufBytes.header(3, 1, 0)
                        .tensor("t", type, offset, shape)
                        .data(32)
                        .read()
                        .tensor("t"));
    }

    /** Files have tensors of vision, prediction and other parts, of which nothing needs to be known. */
    @Test
    void tensorsThatCannotBeReadMatterOnlyWhenTheyAreRequested() {
        GgufFile file = GgufBytes.header(3, 7, 0)
                .tensor("known", F32, 0, 8)
                .tensor("ik", 137, 32, 256, 3)
                .tensor("unknown", 1000, 96, 7, 5)
                .tensor("ragged", Q8_0, 128, 33)
                .tensor("empty", F32, 160, 8, 0)
                .tensor("scalar", F32, 160)
                .tensor("five", F32, 192, 2, 1, 2, 1, 2)
                .data(224)
                .read();
        assertEquals(8, file.tensor("known").toFloats().length);
        assertEquals(1, file.tensor("scalar").toFloats().length);
        assertEquals(8, file.tensor("five").toFloats().length);
        assertEquals(new ModelFile.TensorInfo("ik", "IQ2_K", false, 3, 256, 64), file.describe("ik"));
        assertEquals(new ModelFile.TensorInfo("unknown", "number 1000", false, 5, 7, 32), file.describe("unknown"));
        assertEquals(new ModelFile.TensorInfo("empty", "F32", false, 0, 8, 0), file.describe("empty"));
        assertEquals(new ModelFile.TensorInfo("scalar", "F32", true, 1, 1, 4), file.describe("scalar"));
        refused("test.gguf: tensor ik: tensor type IQ2_K is not supported", () -> file.tensor("ik"));
        refused("test.gguf: tensor ragged: Q8_0 comes in blocks of 32", () -> file.tensor("ragged"));
        refused("tensor empty: the shape 8x0 has no weights", () -> file.tensor("empty"));
    }

    @Test
    void aTensorMustNotBeThereTwice() {
        refused(
                "tensor t at byte 57: the tensor is declared twice",
                () -> GgufBytes.header(3, 2, 0)
                        .tensor("t", F32, 0, 1)
                        .tensor("t", F32, 32, 1)
                        .data(64)
                        .read());
    }

    @Test
    void tensorsMustNotOverlap() {
        refused(
                "its data begins inside that of tensor a, which ends at byte",
                () -> GgufBytes.header(3, 2, 0)
                        .tensor("b", F32, 32, 8)
                        .tensor("a", F32, 0, 9)
                        .data(64)
                        .read());
        refused(
                "its data begins inside that of tensor",
                () -> GgufBytes.header(3, 2, 0)
                        .tensor("a", F32, 0, 8)
                        .tensor("b", F32, 0, 8)
                        .data(64)
                        .read());
    }

    private static String refused(String expected, Executable action) {
        String message =
                String.valueOf(assertThrows(ModelFileException.class, action).getMessage());
        assertTrue(message.contains(expected), () -> "expected «" + expected + "» in: " + message);
        return message;
    }
}
