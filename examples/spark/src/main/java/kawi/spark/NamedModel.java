package kawi.spark;

import java.util.Objects;
import kawi.Model;
import kawi.ModelLoader;
import org.apache.spark.SparkEnv;

/** A model given by a path or a reference. */
record NamedModel(String name) implements ModelSource {

    NamedModel {
        Objects.requireNonNull(name, "model");
    }

    @Override
    public ModelLoader loader() {
        return Model.loader(name).threads(cores());
    }

    /** The cores of this executor, or all processors if their number is not configured. */
    private static int cores() {
        int processors = Runtime.getRuntime().availableProcessors();
        SparkEnv environment = SparkEnv.get();
        return environment == null
                ? processors
                : Math.min(processors, environment.conf().getInt("spark.executor.cores", processors));
    }

    @Override
    public String toString() {
        return name;
    }
}
