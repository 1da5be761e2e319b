package kawi.kernels.assembled;

import java.lang.foreign.Arena;
import kawi.kernels.KvFormat;
import kawi.machine.MachineCode;
import kawi.quant.QuantizedFormat;

/**
 * Creates the machine code of the assembled tier for one instruction set. Each piece of code takes a pointer to a block
 * of arguments, whose fields are defined by the classes {@code ...Arguments}, and computes what the contract of its
 * kernel specifies, bit for bit.
 *
 * <p>To support another CPU, implement this interface in a separate package and add it to the tier choice.
 */
public interface Emitter {

    /** The number of bytes that {@link #prefetch} fetches. */
    int PREFETCHED_BYTES = 4096;

    /** The name of the instruction set. */
    String label();

    /** Floats per vector register. */
    int lanes();

    /** The maximum number of tokens of a product in one call. */
    int maxTokens(AssembledLayout layout);

    /**
     * The number of groups of rows that a product processes at a time; the number of groups of a call must be a
     * multiple.
     */
    int groupsAtOnce(AssembledLayout layout, int tokens);

    /** See {@link MatrixArguments.QuantProduct} and {@link MatrixArguments.FloatProduct}. */
    MachineCode product(AssembledLayout layout, int tokens, int groupsAtOnce, Arena arena);

    /**
     * The maximum number of units of columns in a panel of {@link #panelProduct}; 0 if there is no such code for a
     * layout.
     */
    int panelUnits(AssembledLayout layout);

    /** The number of tokens from which on {@link #panelProduct} is faster than {@link #product}. */
    int minPanelTokens();

    /** The maximum number of tokens of a tile of {@link #panelProduct}. */
    int maxPanelTokens();

    /**
     * See {@link MatrixArguments.PanelProduct}.
     *
     * @param tokens of a large tile, at least 2; a small one has one less
     */
    MachineCode panelProduct(AssembledLayout layout, int tokens, Arena arena);

    /**
     * See {@link MatrixArguments.QuantPacking}.
     *
     * @param format the file's format, one that {@link UnitPacking#packs}
     */
    MachineCode quantPacking(QuantLayout layout, QuantizedFormat format, Arena arena);

    /** See {@link MatrixArguments.IntegerPacking}. */
    MachineCode integerPacking(QuantLayout layout, Arena arena);

    /** See {@link MatrixArguments.FloatPacking}. */
    MachineCode floatPacking(FloatLayout layout, Arena arena);

    /** See {@link MatrixArguments.Quantize}. */
    MachineCode quantize(Arena arena);

    /** See {@link RowArguments}, also for the following eight methods. */
    MachineCode rmsNorm(Arena arena);

    MachineCode siluTimes(Arena arena);

    MachineCode add(Arena arena);

    MachineCode sum(Arena arena);

    MachineCode layerNorm(Arena arena);

    MachineCode addBias(Arena arena);

    MachineCode addBiased(Arena arena);

    MachineCode geluTanh(Arena arena);

    MachineCode geluErf(Arena arena);

    /**
     * See {@link AttentionArguments.Preparation}.
     *
     * @param normalized whether queries and keys are normalized
     */
    MachineCode attentionPreparation(KvFormat keys, KvFormat values, boolean normalized, Arena arena);

    /**
     * See {@link AttentionArguments.Page}.
     *
     * @param heads 1 to {@value AttentionArguments.Page#MAX_HEADS}
     */
    MachineCode attentionPage(KvFormat keys, KvFormat values, int heads, Arena arena);

    /** The rotation of rows that are quantized; see {@link AttentionArguments.Hadamard}. */
    MachineCode hadamard(boolean back, Arena arena);

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
     * @param vectors value channels in a tile, in vectors: 1 to {@link #maxRecurrenceVectors}
     * @param revocable whether there may be revocable and replayed rows
     */
    MachineCode recurrence(int vectors, boolean revocable, Arena arena);

    /**
     * The same for a single token: {@link DeltaArguments.Recurrence} without what concerns further tokens and without
     * working memory.
     *
     * @param vectors value channels in a tile, in vectors: 1 to {@link #maxStepVectors}
     */
    MachineCode recurrenceStep(int vectors, Arena arena);

    int maxRecurrenceVectors();

    int maxStepVectors();

    /** See {@link DeltaArguments.GatedNorm}. */
    MachineCode gatedNorm(Arena arena);

    /**
     * Takes an address instead of arguments and prefetches {@value #PREFETCHED_BYTES} bytes from there into the
     * second-level cache, at a limited rate.
     */
    MachineCode prefetch();
}
