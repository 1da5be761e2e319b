package kawi.kernels.assembled;

import java.util.function.Supplier;
import kawi.machine.MachineCode;
import org.jspecify.annotations.Nullable;

/**
 * Machine code that is created when it is first run, because a model uses few of the kernels, and these for few numbers
 * of tokens.
 */
final class LazyCode {

    private final Supplier<MachineCode> maker;
    private volatile @Nullable MachineCode code;

    LazyCode(Supplier<MachineCode> maker) {
        this.maker = maker;
    }

    /** Runs the code with {@code arguments}. */
    void run(Arguments arguments) {
        MachineCode made = code;
        (made == null ? make() : made).run(arguments.block());
    }

    private synchronized MachineCode make() {
        MachineCode made = code;
        if (made == null) {
            made = maker.get();
            code = made;
        }
        return made;
    }
}
