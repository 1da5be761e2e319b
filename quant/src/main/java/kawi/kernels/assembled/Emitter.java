package kawi.kernels.assembled;

import java.lang.foreign.Arena;
import kawi.kernels.KvFormat;
import kawi.machine.MachineCode;

/**
 * Makes the machine code of the assembled tier for one instruction set. Each piece of code takes a pointer to a block
 * of arguments, whose fields the classes {@code ...Arguments} give, and computes what the contract of its kernel says,
 * bit for bit.
 *
 * <p>For another CPU, implement this in a package of its own and let the tier choice take it.
 */
public interface Emitter {

    /** Bytes that {@link #prefetch} fetches. */
    int PREFETCHED_BYTES = 4096;

    /** The name of the instruction set. */
    String label();

    /** Floats per vector register. */
    int lanes();

    /** The most tokens that one call of a product multiplies. */
    int maxTokens(AssembledLayout layout);

    /** Groups of rows that a product takes at a time; a call's number of groups must be a multiple. */
    int groupsAtOnce(AssembledLayout layout, int tokens);

    /** See {@link MatrixArguments.QuantProduct} and {@link MatrixArguments.FloatProduct}. */
    MachineCode product(AssembledLayout layout, int tokens, int groupsAtOnce, Arena arena);

    /**
     * See {@link MatrixArguments.QuantPacking}; for formats whose layout is tight, the others go through
     * {@link GeneralPacking}.
     *
     * @param format the name of the file's format
     * @param blockBytes bytes of a block in the file
     */
    MachineCode quantPacking(QuantLayout layout, String format, int blockBytes, Arena arena);

    /** See {@link MatrixArguments.FloatPacking}. */
    MachineCode floatPacking(FloatLayout layout, Arena arena);

    /** See {@link MatrixArguments.Quantize}. */
    MachineCode quantize(Arena arena);

    /** See {@link RowArguments}; so are the other two. */
    MachineCode rmsNorm(Arena arena);

    MachineCode siluTimes(Arena arena);

    MachineCode add(Arena arena);

    /**
     * See {@link AttentionArguments.Preparation}.
     *
     * @param normalized whether queries and keys are
     */
    MachineCode attentionPreparation(KvFormat keys, KvFormat values, boolean normalized, Arena arena);

    /**
     * See {@link AttentionArguments.Page}.
     *
     * @param heads 1 to {@value AttentionArguments.Page#MAX_HEADS}
     */
    MachineCode attentionPage(KvFormat keys, KvFormat values, int heads, Arena arena);

    /** See {@link AttentionArguments.Folding}. */
    MachineCode fold(Arena arena);

    /** See {@link AttentionArguments.Finish}. */
    MachineCode finish(boolean gated, Arena arena);

    /** See {@link DeltaArguments.Convolution}. */
    MachineCode convolution(Arena arena);

    /** See {@link DeltaArguments.Normalization}. */
    MachineCode normalization(Arena arena);

    /**
     * See {@link DeltaArguments.Recurrence}.
     *
     * @param vectors value channels in a tile, in vectors: 1 to 4
     */
    MachineCode recurrence(int vectors, Arena arena);

    /** See {@link DeltaArguments.GatedNorm}. */
    MachineCode gatedNorm(Arena arena);

    /**
     * Takes an address in place of arguments and brings {@value #PREFETCHED_BYTES} bytes from there into the
     * second-level cache, paced.
     */
    MachineCode prefetch();
}
