package kawi.safetensors.quantized;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import kawi.ModelFileException;
import kawi.files.Excerpt;
import kawi.quant.TensorSource;
import kawi.safetensors.SafetensorsFolder;

/** The tensors that make up a quantized matrix, in the order in which they were asked for. */
final class Parts {

    private final SafetensorsFolder folder;
    private final String module;
    private final Map<String, Part> found = new LinkedHashMap<>();

    /**
     * A tensor.
     *
     * @param index its place among the parts
     */
    record Part(String name, int index, String dtype, long[] shape, TensorSource bytes) {

        int rows() {
            return (int) shape[0];
        }

        int columns() {
            return (int) shape[1];
        }
    }

    /** @param module the name of the matrix without {@code .weight} */
    Parts(SafetensorsFolder folder, String module) {
        this.folder = folder;
        this.module = module;
    }

    boolean has(String suffix) {
        return folder.hasTensor(module + "." + suffix);
    }

    /** Whether the tensor with a suffix, which exists, is of a type. */
    boolean isOfType(String suffix, String dtype) {
        return folder.dtype(module + "." + suffix).equals(dtype);
    }

    /** The number of bytes of the tensor with a suffix, which exists. */
    long bytes(String suffix) {
        return folder.bytes(module + "." + suffix).byteSize();
    }

    /**
     * The tensor with a suffix, whose type must be one of those given.
     *
     * @throws ModelFileException if it does not exist or is of another type
     */
    Part get(String suffix, String... dtypes) {
        Part known = found.get(suffix);
        if (known != null) {
            return known;
        }
        String name = module + "." + suffix;
        if (!folder.hasTensor(name)) {
            throw new ModelFileException(
                    "%s: tensor %s.weight is quantized, but tensor %s, which belongs to it, is missing"
                            .formatted(folder.name(), Excerpt.of(module), Excerpt.of(name)));
        }
        String dtype = folder.dtype(name);
        long[] shape = folder.shape(name);
        if (!Arrays.asList(dtypes).contains(dtype)) {
            throw wrong(name, "it is of type " + Excerpt.of(dtype) + ", but must be " + String.join(" or ", dtypes));
        }
        for (long size : shape) {
            if (size < 1 || size > Integer.MAX_VALUE) {
                throw wrong(
                        name,
                        "its shape is %s, but dimensions must be from 1 to %d"
                                .formatted(Arrays.toString(shape), Integer.MAX_VALUE));
            }
        }
        Part part = new Part(name, found.size(), dtype, shape, folder.bytes(name));
        found.put(suffix, part);
        return part;
    }

    /** A tensor of two dimensions. */
    Part matrix(String suffix, String... dtypes) {
        Part part = get(suffix, dtypes);
        if (part.shape().length != 2) {
            throw wrong(
                    part.name(),
                    "its shape is %s, but two dimensions are expected".formatted(Arrays.toString(part.shape())));
        }
        return part;
    }

    /** Checks the shape of a part. */
    void check(Part part, long... expected) {
        if (!Arrays.equals(part.shape(), expected)) {
            throw wrong(
                    part.name(),
                    "its shape is %s, but the other tensors of %s.weight require %s"
                            .formatted(Arrays.toString(part.shape()), Excerpt.of(module), Arrays.toString(expected)));
        }
    }

    /** A dimension of the matrix, whose numbers are {@code perWord} to a word. */
    int times(Part part, int words, int perWord) {
        if (words > Integer.MAX_VALUE / perWord) {
            throw wrong(
                    part.name(),
                    "it has %d words of %d numbers, more than %d numbers".formatted(words, perWord, Integer.MAX_VALUE));
        }
        return words * perWord;
    }

    ModelFileException wrong(String tensor, String sentence) {
        return new ModelFileException("%s: tensor %s: %s".formatted(folder.name(), Excerpt.of(tensor), sentence));
    }

    /** The bytes of all parts that were asked for. */
    List<TensorSource> sources() {
        return found.values().stream().map(Part::bytes).collect(Collectors.toUnmodifiableList());
    }

    String file() {
        return folder.name();
    }

    String tensor() {
        return module + ".weight";
    }
}
