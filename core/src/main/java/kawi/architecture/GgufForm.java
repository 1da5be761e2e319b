package kawi.architecture;

import java.util.SequencedMap;
import java.util.function.BiFunction;
import kawi.gguf.GgufWriter;
import kawi.quant.Tensor;

/** A model with the names, the order of heads and the sizes that GGUF files give it, whatever files it is read from. */
public interface GgufForm {

    /** Adds the architecture and the sizes to the metadata of a file. */
    void putInto(GgufWriter file);

    /** All matrices by name, in the order of a file. */
    SequencedMap<String, Tensor> matrices();

    /** All vectors by name. */
    SequencedMap<String, float[]> vectors();

    /**
     * The same model with other matrices.
     *
     * @param conversion gives the matrix to use in place of one with a name; it must have the same size
     */
    Blueprint with(BiFunction<String, Tensor, Tensor> conversion);
}
