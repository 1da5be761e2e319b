package kawi.architecture;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import kawi.compute.Compute;
import kawi.kernels.KvFormat;

/** A model that has been found in a checkpoint, but not yet bound to kernels: what is known of it before loading. */
public interface Blueprint {

    /** The family's name, for messages and to find its dialect: {@code Qwen3.5}. */
    String family();

    /** Sizes under the names of the family's configuration, in the order to show them. */
    Map<String, Object> sizes();

    /** Weights of the text model, shared ones counted once. */
    long parameters();

    /** Bytes of these weights in the file. */
    long weightBytes();

    int vocabularySize();

    /** The longest sequence the model was made for, in tokens. */
    int contextLength();

    /** How keys and values are remembered unless somebody says otherwise: as exactly as the weights are known. */
    KvFormat usualKvFormat();

    /** Bytes that a sequence of {@code length} tokens keeps between calls. */
    StateSize stateSize(int length, KvFormat kvFormat);

    /** Parts of the checkpoint that are known but not run: {@code vision}, {@code MTP}. */
    List<String> dormantParts();

    /**
     * Binds the weights to kernels, repacking them where the tier does.
     *
     * @param kvFormat how sequences remember keys and values
     * @param arena owns what is made of the weights; the checkpoint's own memory must live as long
     */
    Decoder bind(Compute compute, KvFormat kvFormat, Arena arena);

    /**
     * What a sequence keeps.
     *
     * @param recurrent bytes that do not depend on the length
     * @param keysAndValues bytes that grow with it
     */
    record StateSize(long recurrent, long keysAndValues) {}
}
