package kawi.kernels;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.stream.IntStream;

/** The machine code of products with one layout, for every number of tokens at once. */
final class ProductCodes {

    private final AssembledIsa isa;
    private final AssembledLayout layout;
    private final int mostTokens;

    /** By the number of tokens less one. */
    private final List<LazyCode> codes;

    /** The same for one group at a time, where the others take several. */
    private final List<LazyCode> singles;

    ProductCodes(AssembledIsa isa, AssembledLayout layout, Arena arena) {
        this.isa = isa;
        this.layout = layout;
        this.mostTokens = switch (layout) {
            case QuantLayout _ -> QuantProductCode.mostTokens(isa);
            case FloatLayout _ -> FloatProductCode.mostTokens(isa);
        };
        this.codes = IntStream.rangeClosed(1, mostTokens)
                .mapToObj(tokens ->
                        new LazyCode(isa, arena, code -> emit(code, layout, tokens, groupsAtOnce(isa, layout, tokens))))
                .toList();
        this.singles = IntStream.rangeClosed(1, mostTokens)
                .mapToObj(tokens -> new LazyCode(isa, arena, code -> emit(code, layout, tokens, 1)))
                .toList();
    }

    private static void emit(VectorCode code, AssembledLayout layout, int tokens, int groups) {
        switch (layout) {
            case QuantLayout quant -> QuantProductCode.emit(code, quant, tokens);
            case FloatLayout floats -> FloatProductCode.emit(code, floats, tokens, groups);
        }
    }

    private static int groupsAtOnce(AssembledIsa isa, AssembledLayout layout, int tokens) {
        return layout instanceof FloatLayout ? FloatProductCode.groupsAtOnce(isa, tokens) : 1;
    }

    AssembledLayout layout() {
        return layout;
    }

    /** The most tokens that one call multiplies. */
    int mostTokens() {
        return mostTokens;
    }

    /** Groups that {@link #code} multiplies at a time; a call's number of groups must be a multiple. */
    int groupsAtOnce(int tokens) {
        return groupsAtOnce(isa, layout, tokens);
    }

    LazyCode code(int tokens) {
        return codes.get(tokens - 1);
    }

    /** For a rest of groups. */
    LazyCode single(int tokens) {
        return singles.get(tokens - 1);
    }
}
