package kawi.kernels.assembled.a64;

import java.lang.foreign.Arena;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.GpOp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.Prefetch;
import kawi.kernels.assembled.Emitter;
import kawi.machine.MachineCode;

/**
 * Machine code that prefetches memory, which never fails, even for memory that has been freed.
 *
 * <p>The prefetch rate is limited: a core tracks a few dozen outstanding lines and may drop further requests. The next
 * burst has to wait for a chain of dependent reads, the last of which gives its base address.
 */
final class PrefetchCode {

    private static final int LINE = 64;

    /** Bytes prefetched without a pause, and the length of the pause in dependent reads, 4 or 5 cycles each. */
    private static final int BURST_BYTES = 512;

    private static final int PAUSE_READS = 16;

    private static final Gp START = Gp.X0;
    private static final Gp ZEROS = Gp.X1;
    private static final Gp ZERO = Gp.X2;

    /** Never freed, because a waiting thread may run it when a model is closed. */
    static final MachineCode ASK = new MachineCode(Arena.global(), ask());

    private PrefetchCode() {}

    private static byte[] ask() {
        Assembler a = new Assembler();
        a.adr(ZEROS, a.constant(0, 2));
        a.mov(ZERO, 0);
        for (int at = 0; at < Emitter.PREFETCHED_BYTES; at += LINE) {
            a.prfm(Prefetch.PLDL2KEEP, Mem.at(START, at));
            if ((at + LINE) % BURST_BYTES == 0) {
                for (int i = 0; i < PAUSE_READS; i++) {
                    a.ldr(ZERO, Mem.at(ZEROS, ZERO));
                }
                a.op(GpOp.ADD, START, START, ZERO);
            }
        }
        a.ret();
        return a.finish();
    }
}
