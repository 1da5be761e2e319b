package kawi.kernels.assembled.a64;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import kawi.kernels.KvFormat;
import kawi.kernels.assembled.AttentionArguments;
import kawi.kernels.assembled.FloatLayout;
import kawi.kernels.assembled.QuantLayout;
import kawi.quant.QuantizedFormat;
import kawi.quant.WeightFormat;
import kawi.quant.WeightFormats;
import org.junit.jupiter.api.Test;

/**
 * The tables in {@code docs/arm.md} are what the emitted code gives. If it changes, run this test with
 * {@code -Dkawi.docs.update=true}, look at what has changed, and commit the file.
 */
class InstructionTableTest {

    private static final Path PAGE = Path.of("..", "docs", "arm.md");

    /** The weights that the block loop of a product multiplies with one token. */
    private static final int BLOCK_WEIGHTS = 16 * QuantLayout.BLOCK;

    private static final int BLOCKS = QuantLayout.SUPER_BLOCK / QuantLayout.BLOCK;

    private static final List<String> PREDICTED = List.of("Q4_0", "Q8_0", "Q4_K", "Q6_K");

    private static byte[] code(A64Isa isa, Consumer<A64Code> body) {
        A64Code code = new A64Code(isa);
        code.begin();
        body.accept(code);
        code.end();
        return code.a.finish();
    }

    private static List<QuantizedFormat> formats() {
        List<QuantizedFormat> formats = new ArrayList<>();
        for (WeightFormat format : WeightFormats.all()) {
            if (format instanceof QuantizedFormat quantized) {
                formats.add(quantized);
            }
        }
        return formats;
    }

    // ---- the loops of the products

    private static InnerLoops.Loop oneToken(A64Isa isa, QuantLayout layout) {
        return only(InnerLoops.of(code(isa, code -> QuantProductCode.emit(code, layout, 1))), 1);
    }

    /** The loop with the products of this number of tokens. */
    private static InnerLoops.Loop only(List<InnerLoops.Loop> loops, int tokens) {
        List<InnerLoops.Loop> found = loops.stream()
                .filter(loop -> loop.products() == tokens * BLOCK_WEIGHTS)
                .toList();
        assertTrue(!found.isEmpty(), () -> "no loop with the products of %d tokens: %s".formatted(tokens, loops));
        return found.getFirst();
    }

    private static List<InnerLoops.Loop> panel(A64Isa isa, QuantLayout layout) {
        int tokens = PanelProductCode.maxTokens(isa);
        return InnerLoops.of(code(isa, code -> PanelProductCode.emit(code, layout, tokens)));
    }

    private static InnerLoops.Loop tile(A64Isa isa, QuantLayout layout) {
        return only(panel(isa, layout), PanelProductCode.maxTokens(isa));
    }

    /** Unpacks a block for all tokens. */
    private static InnerLoops.Loop unpacking(A64Isa isa, QuantLayout layout) {
        return panel(isa, layout).stream()
                .filter(loop -> loop.products() == 0)
                .findFirst()
                .orElseThrow();
    }

    /** Per multiply-add, with what is done once per super-block. */
    private static double perProduct(QuantLayout layout, InnerLoops.Loop loop) {
        double shared = layout.unit() == QuantLayout.SUPER_BLOCK ? (double) loop.around() / BLOCKS : 0;
        return (loop.instructions() + shared) / loop.products();
    }

    private static String products() {
        StringBuilder table = new StringBuilder("""
                | weights | level | one token | llama.cpp | many tokens | unpacking, per weight | llama.cpp |
                |---|---|---|---|---|---|---|
                """);
        for (QuantizedFormat format : formats()) {
            QuantLayout layout = QuantLayout.of(format);
            for (A64Isa isa : A64Isa.values()) {
                table.append(String.format(
                        Locale.ROOT,
                        "| %s | %s | %.3f | %s | %.3f | %.3f | %s |\n",
                        format.name(),
                        isa.label(),
                        perProduct(layout, oneToken(isa, layout)),
                        text(LlamaCounts.oneToken(format.name(), isa)),
                        perTile(isa, layout),
                        (double) unpacking(isa, layout).instructions() / BLOCK_WEIGHTS,
                        text(LlamaCounts.manyTokens(format.name(), isa))));
            }
        }
        return table.toString();
    }

    private static String text(double quotient) {
        return Double.isNaN(quotient) ? "" : String.format(Locale.ROOT, "%.3f", quotient);
    }

    private static double perTile(A64Isa isa, QuantLayout layout) {
        InnerLoops.Loop tile = tile(isa, layout);
        return (double) tile.instructions() / tile.products();
    }

    private static String floatProducts() {
        StringBuilder table = new StringBuilder("""
                | weights | one token | many tokens | llama.cpp |
                |---|---|---|---|
                """);
        for (FloatLayout layout : FloatLayout.values()) {
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %.3f | %.3f | %.3f |\n",
                    layout,
                    floatProduct(layout, 1),
                    floatProduct(layout, FloatProductCode.MAX_TOKENS),
                    LlamaCounts.floats(layout.name())));
        }
        return table.toString();
    }

    private static double floatProduct(FloatLayout layout, int tokens) {
        int groups = FloatProductCode.groupsAtOnce(tokens);
        return InnerLoops.of(code(A64Isa.NEON, code -> FloatProductCode.emit(code, layout, tokens, groups))).stream()
                .filter(loop -> loop.fma() > 0)
                .max(Comparator.comparingInt(InnerLoops.Loop::fma))
                .map(loop -> (double) loop.instructions() / loop.fma())
                .orElseThrow();
    }

    // ---- the other kernels

    private static final Map<String, Consumer<A64Code>> OTHERS = new LinkedHashMap<>();

    static {
        OTHERS.put("quantization of activations", QuantizeCode::emit);
        OTHERS.put("normalization (RMS)", RowOperationsCode::rmsNorm);
        OTHERS.put("SiLU times", RowOperationsCode::siluTimes);
        OTHERS.put("addition", RowOperationsCode::add);
        OTHERS.put("sum", RowOperationsCode::sum);
        OTHERS.put("normalization with a mean", BiasedRowsCode::layerNorm);
        OTHERS.put("addition of a bias", BiasedRowsCode::addBias);
        OTHERS.put("addition of a row with a bias", BiasedRowsCode::addBiased);
        OTHERS.put("GELU by tanh", BiasedRowsCode::geluTanh);
        OTHERS.put("GELU by erf", BiasedRowsCode::geluErf);
        for (KvFormat format : KvFormat.values()) {
            for (int heads = 1; heads <= AttentionArguments.Page.MAX_HEADS; heads += 3) {
                int rows = heads;
                OTHERS.put(
                        "attention over a page of %s, heads: %d"
                                .formatted(format.name().toLowerCase(Locale.ROOT), heads),
                        code -> AttentionPageCode.emit(code, format, format, rows));
            }
            OTHERS.put(
                    "preparation of attention, %s".formatted(format.name().toLowerCase(Locale.ROOT)),
                    code -> AttentionPreparationCode.emit(code, format, format, true));
        }
        OTHERS.put("rotation", code -> HadamardCode.emit(code, false));
        OTHERS.put("folding of attention", FoldCode::emit);
        OTHERS.put("end of attention", code -> FinishCode.emit(code, true));
        OTHERS.put("convolution", ConvolutionCode::emit);
        OTHERS.put("normalization of the delta rule", NormalizationCode::emit);
        OTHERS.put("delta rule, several tokens", code -> RecurrenceCode.emit(code, 4, false));
        OTHERS.put("delta rule, one token", code -> RecurrenceStepCode.emit(code, RecurrenceStepCode.MAX_VECTORS));
        OTHERS.put("normalization with a gate", GatedNormCode::emit);
    }

    private static String others() {
        StringBuilder table = new StringBuilder("""
                | kernel | level | loops: instructions (multiply-adds) |
                |---|---|---|
                """);
        OTHERS.forEach((name, body) -> {
            Map<String, String> levels = new LinkedHashMap<>();
            for (A64Isa isa : A64Isa.values()) {
                String loops = InnerLoops.of(code(isa, body)).stream()
                        .map(loop -> "%d (%d)".formatted(loop.instructions(), loop.products() + loop.fma()))
                        .distinct()
                        .collect(Collectors.joining(", "));
                levels.merge(loops, isa.label(), (one, other) -> one + ", " + other);
            }
            levels.forEach((loops, labels) ->
                    table.append("| %s | %s | %s |\n".formatted(name, levels.size() == 1 ? "all" : labels, loops)));
        });
        return table.toString();
    }

    // ---- predictions

    private static String predictions() {
        StringBuilder table = new StringBuilder("""
                | core | weights | one token: cycles per 512 weights | limited by | GB/s of weights | many tokens: multiply-adds per \
                cycle | limited by | billions per second |
                |---|---|---|---|---|---|---|---|
                """);
        for (Core core : Core.ALL) {
            for (QuantizedFormat format : formats()) {
                if (PREDICTED.contains(format.name())) {
                    QuantLayout layout = QuantLayout.of(format);
                    InnerLoops.Loop one = oneToken(core.isa(), layout);
                    InnerLoops.Loop many = tile(core.isa(), layout);
                    double bytes = (double) layout.groupBytes(QuantLayout.SUPER_BLOCK) / BLOCKS;
                    double rate = many.products() / core.cycles(many);
                    table.append(String.format(
                            Locale.ROOT,
                            "| %s | %s | %.0f | %s | %.1f | %.1f | %s | %.0f |\n",
                            core.name(),
                            format.name(),
                            core.cycles(one),
                            core.limit(one),
                            bytes / core.cycles(one) * core.gigahertz(),
                            rate,
                            core.limit(many),
                            rate * core.gigahertz()));
                }
            }
        }
        return table.toString();
    }

    // ---- the page

    /** The page with the tables between their marks replaced. */
    private static String withTables(String page) {
        String first = replaced(page, "products", products());
        String second = replaced(first, "floats", floatProducts());
        return replaced(replaced(second, "others", others()), "predictions", predictions());
    }

    private static String replaced(String page, String name, String table) {
        String begin = "<!-- %s: written by InstructionTableTest -->\n".formatted(name);
        int from = page.indexOf(begin);
        assertTrue(from >= 0, () -> "the page has no mark '%s'".formatted(begin.strip()));
        int start = from + begin.length();
        return page.substring(0, start) + "\n" + table + "\n" + page.substring(page.indexOf("<!-- end -->", start));
    }

    @Test
    void thePageHasTheTablesOfTheEmittedCode() throws IOException {
        String page = Files.readString(PAGE);
        String expected = withTables(page);
        if (Boolean.getBoolean("kawi.docs.update")) {
            Files.writeString(PAGE, expected);
        } else {
            assertEquals(
                    expected,
                    page,
                    "the tables in docs/arm.md are not those of the code; if that is meant, run this test with"
                            + " -Dkawi.docs.update=true and commit the file");
        }
    }

    /** The rule of the products: no more instructions per multiply-add than llama.cpp for the same format. */
    @Test
    void noProductTakesMoreInstructionsThanThatOfLlama() {
        List<String> worse = new ArrayList<>();
        for (QuantizedFormat format : formats()) {
            QuantLayout layout = QuantLayout.of(format);
            for (A64Isa isa : A64Isa.values()) {
                double one = LlamaCounts.oneToken(format.name(), isa);
                if (perProduct(layout, oneToken(isa, layout)) > one) {
                    worse.add("%s of one token at level %s: llama.cpp has %.3f".formatted(format.name(), isa, one));
                }
                double many = LlamaCounts.manyTokens(format.name(), isa);
                if (perTile(isa, layout) > many) {
                    worse.add("%s of many tokens at level %s: llama.cpp has %.3f".formatted(format.name(), isa, many));
                }
            }
        }
        for (FloatLayout layout : FloatLayout.values()) {
            if (floatProduct(layout, 1) > LlamaCounts.floats(layout.name())) {
                worse.add("%s of one token".formatted(layout));
            }
        }
        assertEquals(List.of(), worse);
    }
}
