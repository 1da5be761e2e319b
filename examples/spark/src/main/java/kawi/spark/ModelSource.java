package kawi.spark;

import java.io.Serializable;
import kawi.Model;
import kawi.ModelLoader;

/**
 * Where executors get the model from. A source is sent to the executors, so it must be serializable; a lambda
 * expression or a method reference is.
 *
 * {@snippet :
 *    ModelSource large = () -> Model.loader("hf:Qwen/Qwen3.5-4B:Q4_K_M").contextLength(8192).threads(8);
 * }
 *
 * <p>The tasks of a JVM share a model if their sources have the same serialized form, as two evaluations of the same
 * lambda expression with the same captured values have.
 */
@FunctionalInterface
public interface ModelSource extends Serializable {

    /** Returns the loader of the model. It is called on executors, once for each JVM. */
    ModelLoader loader();

    /**
     * Returns the source of a model file, a folder or a model on a hub, see {@link Model#loader(String)}. A path is that
     * of a file on each executor. The model computes with as many threads as the executor has cores.
     */
    static ModelSource of(String model) {
        return new NamedModel(model);
    }
}
