package kawi.kernels;

import java.lang.foreign.Arena;
import java.util.function.Consumer;
import kawi.machine.MachineCode;
import org.jspecify.annotations.Nullable;

/** Machine code that is made when it is first run: a model needs few of the kernels there are, and of few numbers of tokens. */
final class LazyCode {

    private final AssembledIsa isa;
    private final Arena arena;
    private final Consumer<VectorCode> body;
    private volatile @Nullable MachineCode code;

    /**
     * @param arena owns the code
     * @param body emits what stands between {@link VectorCode#begin} and {@link VectorCode#end}
     */
    LazyCode(AssembledIsa isa, Arena arena, Consumer<VectorCode> body) {
        this.isa = isa;
        this.arena = arena;
        this.body = body;
    }

    /** Runs the code with {@code arguments}. */
    void run(Arguments arguments) {
        MachineCode made = code;
        (made == null ? make() : made).run(arguments.block());
    }

    private synchronized MachineCode make() {
        MachineCode made = code;
        if (made == null) {
            VectorCode emitted = new VectorCode(isa);
            emitted.begin();
            body.accept(emitted);
            emitted.end();
            made = emitted.finish(arena);
            code = made;
        }
        return made;
    }
}
