package kawi.kernels;

import java.lang.foreign.Arena;
import java.util.Arrays;
import kawi.assembler.Assembler;
import kawi.assembler.Gp;
import kawi.assembler.Mem;
import kawi.machine.MachineCode;
import org.jspecify.annotations.Nullable;

/**
 * The weights that follow a certain matrix, which threads with nothing to do bring into their second-level caches.
 *
 * <p>A step of decoding is bound by memory, and memory idles wherever threads wait: at the end of a product for the last one, between
 * products while one thread normalizes and quantizes. The order of a model's products is always the same, so it is remembered from the step
 * before: whoever begins a product tells the matrix before it. A wrong memory costs some traffic and nothing else, for asking in advance
 * never fails, even for memory that has gone; so nothing here is synchronized.
 *
 * <p>Asking is paced. A core remembers a few dozen lines that it waits for and silently drops what is asked for beyond them: without a
 * pause, seven of eight lines were never fetched.
 */
final class NextWeights implements WorkerPool.Pastime {

    /** Bytes asked for in one step, which delays a thread for about 0.2 us. */
    private static final int STEP_BYTES = 4096;

    /** Steps per thread: what leaves room in a second-level cache of 1 MB. */
    private static final int STEPS = (640 << 10) / STEP_BYTES;

    private static final int LINE = 64;

    /** Bytes asked for without a pause, and the pause: reads that wait for each other, 4 or 5 cycles each. */
    private static final int BURST_BYTES = 512;

    private static final int PAUSE_READS = 16;

    /** Not freed: a waiting thread may be in it when a model closes. */
    private static final MachineCode ASK = new MachineCode(Arena.global(), ask());

    private @Nullable PackedMatrix first;
    private long[][] addresses = {};

    private static byte[] ask() {
        Assembler a = new Assembler();
        Gp start = MachineCode.firstArgument();
        a.lea(Gp.R8, a.constant(0, 2));
        a.mov(Gp.RAX, 0);
        for (int at = 0; at < STEP_BYTES; at += LINE) {
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

    /** Remembers that {@code products} of {@code first} and others follow. */
    void follow(PackedMatrix first, Products products, int threads) {
        if (first.equals(this.first)) {
            return;
        }
        if (addresses.length != threads) {
            addresses = new long[threads][STEPS];
        }
        for (int thread = 0; thread < threads; thread++) {
            int found = products.beginning(thread, STEP_BYTES, addresses[thread]);
            Arrays.fill(addresses[thread], found, STEPS, 0);
        }
        this.first = first;
    }

    @Override
    public boolean step(int thread, int step) {
        long[][] known = addresses;
        if (thread >= known.length || step >= STEPS || known[thread][step] == 0) {
            return false;
        }
        ASK.run(known[thread][step]);
        return true;
    }
}
