package kawi.kernels.assembled.x86;

import java.lang.foreign.Arena;
import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.Gp;
import kawi.assembler.x86.Mem;
import kawi.kernels.assembled.Emitter;
import kawi.machine.MachineCode;

/**
 * Machine code that prefetches memory, which never fails, even for memory that has been freed.
 *
 * <p>The prefetch rate is limited. A core tracks a few dozen outstanding lines and silently drops further requests:
 * without a pause, seven of eight lines were never fetched.
 */
final class PrefetchCode {

    private static final int LINE = 64;

    /** Bytes prefetched without a pause, and the length of the pause in dependent reads, 4 or 5 cycles each. */
    private static final int BURST_BYTES = 512;

    private static final int PAUSE_READS = 16;

    /** Never freed, because a waiting thread may run it when a model is closed. */
    static final MachineCode ASK = new MachineCode(Arena.global(), ask());

    private PrefetchCode() {}

    private static byte[] ask() {
        Assembler a = new Assembler();
        Gp start = KernelCode.firstArgument();
        a.lea(Gp.R8, a.constant(0, 2));
        a.mov(Gp.RAX, 0);
        for (int at = 0; at < Emitter.PREFETCHED_BYTES; at += LINE) {
            a.prefetch(Mem.at(start, Gp.RAX, 1, at));
            if ((at + LINE) % BURST_BYTES == 0) {
                for (int i = 0; i < PAUSE_READS; i++) {
                    a.load(Gp.RAX, Mem.at(Gp.R8, Gp.RAX, 1, 0));
                }
            }
        }
        a.ret();
        return a.finish();
    }
}
