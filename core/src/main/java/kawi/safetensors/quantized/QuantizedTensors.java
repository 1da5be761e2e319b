package kawi.safetensors.quantized;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import kawi.ModelFile;
import kawi.ModelFileException;
import kawi.quant.Tensor;
import kawi.safetensors.SafetensorsFolder;
import kawi.safetensors.quantized.QuantizationMethod.Kind;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of a quantized checkpoint, in which the parts of a quantized matrix are one tensor, named
 * {@code ….weight}. Whether a matrix is quantized follows from the tensors it has: those that a configuration excludes
 * ({@code modules_to_not_convert}, {@code ignore}) are stored as in any other checkpoint. Safe for use by multiple
 * threads.
 */
public final class QuantizedTensors {

    private static final String WEIGHT = ".weight";

    /** Parts that identify a quantized matrix. */
    private static final List<String> PACKED = List.of(".qweight", ".weight_packed");

    /** All tensors that belong to a quantized matrix; some are for activations, and are not used. */
    private static final List<String> SUFFIXES = List.of(
            "qweight",
            "qzeros",
            "scales",
            "g_idx",
            "weight_packed",
            "weight_shape",
            "weight_scale",
            "weight_scale_inv",
            "weight_zero_point",
            "weight_g_idx",
            "input_scale",
            "input_zero_point",
            "activation_scale");

    private final SafetensorsFolder folder;
    private final QuantizationMethod method;
    private final RecentTensor recent = new RecentTensor();

    /** By name, whether a tensor is a quantized matrix. */
    private final Map<String, Boolean> quantized = new LinkedHashMap<>();

    public QuantizedTensors(SafetensorsFolder folder, QuantizationMethod method) {
        this.folder = folder;
        this.method = method;
        for (String name : folder.tensorNames()) {
            String module = module(name);
            if (module != null) {
                quantized.put(module + WEIGHT, true);
            }
        }
        for (String name : folder.tensorNames()) {
            if (!isPart(name)) {
                quantized.putIfAbsent(name, false);
            }
        }
    }

    private @Nullable String module(String name) {
        for (String packed : PACKED) {
            if (name.endsWith(packed)) {
                return name.substring(0, name.length() - packed.length());
            }
        }
        boolean bytes = name.endsWith(WEIGHT)
                && (folder.dtype(name).equals("F8_E4M3")
                        || (folder.dtype(name).equals("I8") && method.kind() == Kind.COMPRESSED_TENSORS));
        return bytes ? name.substring(0, name.length() - WEIGHT.length()) : null;
    }

    private boolean isPart(String name) {
        int dot = name.lastIndexOf('.');
        return dot >= 0
                && SUFFIXES.contains(name.substring(dot + 1))
                && quantized.getOrDefault(name.substring(0, dot) + WEIGHT, false);
    }

    /** The names of all tensors. */
    public Set<String> tensorNames() {
        return Collections.unmodifiableSet(quantized.keySet());
    }

    /** Whether there is a tensor with a name. */
    public boolean hasTensor(String name) {
        return quantized.containsKey(name);
    }

    /** Whether a tensor is a quantized matrix. */
    public boolean isQuantized(String name) {
        return quantized.getOrDefault(name, false);
    }

    /** The tensor with a name; see {@link SafetensorsFolder#tensor}. One that is quantized is converted as it is read. */
    public Tensor tensor(String name) {
        if (!isQuantized(name)) {
            return folder.tensor(name);
        }
        Parts parts = parts(name);
        return isFp8(parts)
                ? Fp8Weights.tensor(parts, method, recent)
                : IntegerWeights.tensor(layout(parts), parts, recent);
    }

    private Parts parts(String name) {
        return new Parts(folder, name.substring(0, name.length() - WEIGHT.length()));
    }

    private static boolean isFp8(Parts parts) {
        return parts.has("weight") && parts.isOfType("weight", "F8_E4M3");
    }

    private IntegerLayout layout(Parts parts) {
        if (parts.has("weight")) {
            return ByteLayout.of(parts);
        }
        return switch (method.kind()) {
            case GPTQ -> GptqLayout.of(parts, method);
            case AWQ -> AwqLayout.of(parts);
            case FP8, COMPRESSED_TENSORS -> PackedLayout.of(parts);
        };
    }

    /** A description of a tensor; the bytes are those of all its parts. */
    public ModelFile.TensorInfo describe(String name) {
        if (!isQuantized(name)) {
            return folder.describe(name);
        }
        Parts parts = parts(name);
        try {
            long[] shape = shape(name);
            return new ModelFile.TensorInfo(name, method.label(), true, shape[0], shape[1], bytes(parts));
        } catch (ModelFileException e) {
            return new ModelFile.TensorInfo(name, method.label(), false, 0, 0, bytes(parts));
        }
    }

    private static long bytes(Parts parts) {
        return Stream.concat(Stream.of("weight"), SUFFIXES.stream())
                .filter(parts::has)
                .mapToLong(parts::bytes)
                .sum();
    }

    /** The dimensions of a tensor, the contiguous one last; none for a scalar. */
    public long[] shape(String name) {
        if (!isQuantized(name)) {
            return folder.shape(name);
        }
        Parts parts = parts(name);
        if (isFp8(parts)) {
            return folder.shape(name);
        }
        IntegerLayout layout = layout(parts);
        return new long[] {layout.rows(), layout.columns()};
    }
}
