package kawi.kernels.assembled.a64;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Instructions per multiply-add of llama.cpp's products, from Debian's package libggml0 0.27.0-1 for arm64: backends
 * {@code armv8.0_1} (NEON), {@code armv8.2_1} (dot products) and {@code armv8.6_1} (matrix products).
 *
 * <p>Counted by executing the functions under emulation, one instruction at a time, with rows of 512 and of 1024
 * columns: the difference is what 512 columns take, without what is done once per call. For one token the functions are
 * {@code ggml_gemv_..._4x4} and {@code _8x4} ({@code _4x8} and {@code _8x8} with matrix products), for many tokens
 * {@code ggml_gemm_...} with tiles of 16 tokens; and {@code ggml_vec_dot_...}, of one row and one token, where there is
 * neither. The script {@code .ci/llama-instructions} repeats a count.
 */
final class LlamaCounts {

    /*
     * Columns: format; with NEON; with dot products, one token and many; with matrix products, one token and many. Each
     * is instructions/multiply-adds. Functions without matrix products serve that level, too.
     */
    private static final String TABLE = """
            Q4_0    440/512  544/2048  4096/32768  656/2048  3328/32768
            Q4_1    496/512  400/512   400/512
            Q5_0    616/512  520/512   520/512
            Q5_1    696/512  600/512   600/512
            Q8_0    384/512  416/2048  7744/32768  512/2048  4992/32768
            Q2_K    442/512  378/512   378/512
            Q3_K    532/512  462/512   462/512
            Q4_K    408/512  2296/4096 15072/65536 2448/4096 35856/65536
            Q5_K    490/512  3892/4096 20024/65536 3708/4096 20528/65536
            Q6_K    524/512  4152/4096 25776/65536 4424/4096 22064/65536
            IQ4_NL  432/512  688/2048  6720/32768
            IQ4_XS  414/512  310/512   310/512
            IQ3_S   958/512  878/512   878/512
            IQ3_XXS 872/512  776/512   776/512
            IQ2_S   1006/512 942/512   942/512
            IQ2_XS  680/512  616/512   616/512
            IQ2_XXS 670/512  574/512   574/512
            IQ1_M   1048/512 920/512   920/512
            IQ1_S   852/512  756/512   756/512
            MXFP4   512/512  1136/2048 8448/32768
            NVFP4   552/512  392/512   392/512
            TQ1_0   274/512  252/512   252/512
            TQ2_0   192/512  166/512   166/512
            Q1_0    708/512  1264/2048 8848/32768
            Q2_0    536/512  440/512   440/512
            F32     1248/512 1248/512  1248/512
            F16     1504/512 1504/512  1504/512
            BF16    6144/512 6144/512  6144/512
            """;

    private static final Map<String, List<String>> COUNTS = new HashMap<>();

    static {
        for (String line : TABLE.lines().toList()) {
            List<String> columns = List.of(line.split(" +", -1));
            COUNTS.put(columns.getFirst(), columns.subList(1, columns.size()));
        }
    }

    private LlamaCounts() {}

    /** The quotient for one token, NaN if llama.cpp does not have the format. */
    static double oneToken(String format, A64Isa isa) {
        return quotient(format, isa, 1, 3);
    }

    /** The quotient for many tokens, NaN if llama.cpp does not have the format. */
    static double manyTokens(String format, A64Isa isa) {
        return quotient(format, isa, 2, 4);
    }

    /** The quotient of float weights, by {@code ggml_vec_dot}, without instructions of later CPUs than ARMv8.0. */
    static double floats(String format) {
        return oneToken(format, A64Isa.NEON);
    }

    private static double quotient(String format, A64Isa isa, int dotprod, int i8mm) {
        List<String> counts = COUNTS.get(format);
        if (counts == null) {
            return Double.NaN;
        }
        int column = isa == A64Isa.NEON ? 0 : isa == A64Isa.I8MM && i8mm < counts.size() ? i8mm : dotprod;
        String[] parts = counts.get(column).split("/", -1);
        return Double.parseDouble(parts[0]) / Integer.parseInt(parts[1]);
    }
}
