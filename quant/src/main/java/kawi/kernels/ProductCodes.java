package kawi.kernels;

import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicReferenceArray;
import kawi.machine.MachineCode;
import org.jspecify.annotations.Nullable;

/** The machine code of products with one layout, for every number of tokens at once; each piece is made when it is first needed. */
final class ProductCodes {

    private final AssembledIsa isa;
    private final AssembledLayout layout;
    private final Arena arena;
    private final int mostTokens;
    private final AtomicReferenceArray<@Nullable MachineCode> codes;

    /** The same for one group at a time, where the others take several. */
    private final AtomicReferenceArray<@Nullable MachineCode> singles;

    ProductCodes(AssembledIsa isa, AssembledLayout layout, Arena arena) {
        this.isa = isa;
        this.layout = layout;
        this.arena = arena;
        this.mostTokens = switch (layout) {
            case QuantLayout _ -> QuantProductCode.mostTokens(isa);
            case FloatLayout _ -> FloatProductCode.mostTokens(isa);
        };
        this.codes = new AtomicReferenceArray<>(mostTokens + 1);
        this.singles = new AtomicReferenceArray<>(mostTokens + 1);
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
        return layout instanceof FloatLayout ? FloatProductCode.groupsAtOnce(isa, tokens) : 1;
    }

    MachineCode code(int tokens) {
        MachineCode code = codes.getAcquire(tokens);
        return code == null ? make(codes, tokens, groupsAtOnce(tokens)) : code;
    }

    /** For a rest of groups. */
    MachineCode single(int tokens) {
        MachineCode code = singles.getAcquire(tokens);
        return code == null ? make(singles, tokens, 1) : code;
    }

    private synchronized MachineCode make(AtomicReferenceArray<@Nullable MachineCode> to, int tokens, int groups) {
        MachineCode code = to.getAcquire(tokens);
        if (code == null) {
            byte[] bytes = switch (layout) {
                case QuantLayout quant -> QuantProductCode.emit(isa, quant, tokens);
                case FloatLayout floats -> FloatProductCode.emit(isa, floats, tokens, groups);
            };
            code = new MachineCode(arena, bytes);
            to.setRelease(tokens, code);
        }
        return code;
    }
}
