package kawi.kernels.assembled;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.stream.IntStream;

/** The machine code of products with one layout, for all numbers of tokens. */
final class ProductCodes {

    private final Emitter emitter;
    private final AssembledLayout layout;
    private final int maxTokens;

    /** By the number of tokens minus one. */
    private final List<LazyCode> codes;

    /** The same for one group at a time, if the others process several. */
    private final List<LazyCode> singles;

    /** By the number of tokens of a large tile, from 2 on. */
    private final List<LazyCode> panels;

    ProductCodes(Emitter emitter, AssembledLayout layout, Arena arena) {
        this.emitter = emitter;
        this.layout = layout;
        this.maxTokens = emitter.maxTokens(layout);
        this.codes = IntStream.rangeClosed(1, maxTokens)
                .mapToObj(tokens -> new LazyCode(
                        () -> emitter.product(layout, tokens, emitter.groupsAtOnce(layout, tokens), arena)))
                .toList();
        this.singles = IntStream.rangeClosed(1, maxTokens)
                .mapToObj(tokens -> new LazyCode(() -> emitter.product(layout, tokens, 1, arena)))
                .toList();
        this.panels = IntStream.rangeClosed(2, emitter.maxPanelTokens())
                .mapToObj(tokens -> new LazyCode(() -> emitter.panelProduct(layout, tokens, arena)))
                .toList();
    }

    AssembledLayout layout() {
        return layout;
    }

    /** The maximum number of tokens of one call. */
    int maxTokens() {
        return maxTokens;
    }

    /**
     * The number of groups that {@link #code} processes at a time; the number of groups of a call must be a multiple.
     */
    int groupsAtOnce(int tokens) {
        return emitter.groupsAtOnce(layout, tokens);
    }

    LazyCode code(int tokens) {
        return codes.get(tokens - 1);
    }

    /** The code for the remaining groups. */
    LazyCode single(int tokens) {
        return singles.get(tokens - 1);
    }

    /** The maximum number of units in a panel of {@link #panels}; 0 if there is no such code. */
    int panelUnits() {
        return emitter.panelUnits(layout);
    }

    /** The number of tokens from which on {@link #panels} are faster, if there is such code. */
    int minPanelTokens() {
        return emitter.minPanelTokens();
    }

    /** The maximum number of tokens of a tile of {@link #panels}. */
    int maxPanelTokens() {
        return emitter.maxPanelTokens();
    }

    /**
     * The code for many tokens.
     *
     * @param tokens of a large tile, at least 2; a small one has one less
     */
    LazyCode panels(int tokens) {
        return panels.get(tokens - 2);
    }
}
