package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WeightFormatsTest {

    private static final String READS =
            "; Kawi reads F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, Q8_K, "
                    + "IQ4_NL, IQ4_XS, IQ3_S, IQ3_XXS, IQ2_S, IQ2_XS, IQ2_XXS, IQ1_M, IQ1_S, MXFP4, NVFP4, TQ1_0, "
                    + "TQ2_0, Q1_0, Q2_0, PQ2_0, PTQ1_0, IQ4_KS";

    @ParameterizedTest
    @CsvSource({
        "0, F32",
        "1, F16",
        "2, Q4_0",
        "3, Q4_1",
        "6, Q5_0",
        "7, Q5_1",
        "8, Q8_0",
        "10, Q2_K",
        "11, Q3_K",
        "12, Q4_K",
        "13, Q5_K",
        "14, Q6_K",
        "15, Q8_K",
        "20, IQ4_NL",
        "23, IQ4_XS",
        "35, TQ2_0",
        "39, MXFP4",
        "16, IQ2_XXS",
        "17, IQ2_XS",
        "18, IQ3_XXS",
        "19, IQ1_S",
        "21, IQ3_S",
        "22, IQ2_S",
        "29, IQ1_M",
        "34, TQ1_0",
        "40, NVFP4",
        "41, Q1_0",
        "42, Q2_0",
        "142, PQ2_0",
        "143, PTQ1_0",
        "30, BF16"
    })
    void knowsGgmlNumbers(int type, String name) {
        WeightFormat format = WeightFormats.ofGgmlType(type);
        assertEquals(name, format.name());
        assertEquals(type, WeightFormats.ggmlType(format));
    }

    @ParameterizedTest
    @CsvSource({
        "4, Q4_2",
        "5, Q4_3",
        "9, Q8_1",
        "24, I8",
        "25, I16",
        "26, I32",
        "27, I64",
        "28, F64",
        "31, Q4_0_4_4",
        "32, Q4_0_4_8",
        "33, Q4_0_8_8",
        "36, IQ4_NL_4_4",
        "37, IQ4_NL_4_8",
        "38, IQ4_NL_8_8",
        "145, IQ2_KS"
    })
    void refusesOtherGgmlTypesByName(int type, String name) {
        var failure = assertThrows(IllegalArgumentException.class, () -> WeightFormats.ofGgmlType(type));
        assertEquals("tensor type " + name + " is not supported" + READS, failure.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"43, 43", "1000, 1000", "-1, 4294967295", "-2147483648, 2147483648"})
    void refusesUnknownGgmlTypesByTheUnsignedNumberOfTheFile(int type, String number) {
        var failure = assertThrows(IllegalArgumentException.class, () -> WeightFormats.ofGgmlType(type));
        assertEquals("tensor type number " + number + " is not supported" + READS, failure.getMessage());
    }

    @Test
    void findsNamesInAnyCase() {
        for (WeightFormat format : WeightFormats.all()) {
            assertSame(format, WeightFormats.byName(format.name()));
        }
        assertSame(WeightFormats.byName("Q4_K"), WeightFormats.byName("q4_k"));
        assertSame(WeightFormats.byName("BF16"), WeightFormats.byName("bf16"));
    }

    @Test
    void namesAreDistinct() {
        List<WeightFormat> all = WeightFormats.all();
        assertEquals(32, all.size());
        assertEquals(
                32,
                all.stream().map(WeightFormat::name).collect(Collectors.toSet()).size());
    }

    @Test
    void refusesOtherNames() {
        var failure = assertThrows(IllegalArgumentException.class, () -> WeightFormats.byName("Q4_K_M"));
        assertEquals("weight format Q4_K_M is not supported" + READS, failure.getMessage());
    }

    @Test
    void readsTheFloatsOfSafetensors() {
        for (String dtype : Set.of("F32", "F16", "BF16")) {
            assertEquals(dtype, WeightFormats.ofSafetensors(dtype).name());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"F8_E4M3", "F64", "I64", "U8", "BOOL", "Q8_0", "f32", ""})
    void refusesOtherDtypesByName(String dtype) {
        var failure = assertThrows(IllegalArgumentException.class, () -> WeightFormats.ofSafetensors(dtype));
        assertEquals("dtype " + dtype + " is not supported; Kawi reads F32, F16, BF16", failure.getMessage());
    }
}
