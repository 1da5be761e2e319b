package kawi.kernels.assembled;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.stream.IntStream;

/** The machine code of products with one layout, for every number of tokens at once. */
final class ProductCodes {

    private final Emitter emitter;
    private final AssembledLayout layout;
    private final int maxTokens;

    /** By the number of tokens less one. */
    private final List<LazyCode> codes;

    /** The same for one group at a time, where the others take several. */
    private final List<LazyCode> singles;

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
    }

    AssembledLayout layout() {
        return layout;
    }

    /** The most tokens that one call multiplies. */
    int maxTokens() {
        return maxTokens;
    }

    /** Groups that {@link #code} multiplies at a time; a call's number of groups must be a multiple. */
    int groupsAtOnce(int tokens) {
        return emitter.groupsAtOnce(layout, tokens);
    }

    LazyCode code(int tokens) {
        return codes.get(tokens - 1);
    }

    /** For a rest of groups. */
    LazyCode single(int tokens) {
        return singles.get(tokens - 1);
    }
}
