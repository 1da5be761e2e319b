package kawi.gguf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import kawi.quant.WeightFormat;

/** A copy of a GGUF file in memory, whose keys and tensors can be changed before it is written. */
public final class GgufEdit {

    private record Value(MetadataType type, Object value) {}

    private record Content(String name, WeightFormat format, long[] shape, MemorySegment data) {}

    private final Map<String, Value> keys = new LinkedHashMap<>();
    private final List<Content> tensors = new ArrayList<>();

    /** A copy of a file. */
    public static GgufEdit of(Path path) {
        GgufEdit edit = new GgufEdit();
        try (GgufFile file = GgufFile.open(path)) {
            Metadata metadata = file.metadata();
            for (String key : metadata.keys()) {
                Object value = metadata.value(key);
                if (value instanceof MetadataArray(MetadataType type, List<?> values)) {
                    value = new MetadataArray(type, List.copyOf(values)); // outlives the file
                }
                edit.keys.put(key, new Value(metadata.type(key), value));
            }
            for (String name : file.tensorNames()) {
                edit.tensor(
                        name,
                        file.format(name),
                        file.shape(name),
                        file.tensor(name).data());
            }
        }
        return edit;
    }

    public GgufEdit put(String key, MetadataType type, Object value) {
        keys.put(key, new Value(type, value));
        return this;
    }

    public GgufEdit put(String key, MetadataType elementType, List<?> values) {
        return put(key, MetadataType.ARRAY, new MetadataArray(elementType, values));
    }

    public GgufEdit remove(String key) {
        if (keys.remove(key) == null) {
            throw new IllegalArgumentException("there is no key " + key);
        }
        return this;
    }

    public Object value(String key) {
        return Objects.requireNonNull(keys.get(key), key).value;
    }

    public boolean has(String key) {
        return keys.containsKey(key);
    }

    /** Changes the names of all keys. */
    public GgufEdit renameKeys(UnaryOperator<String> name) {
        Map<String, Value> old = new LinkedHashMap<>(keys);
        keys.clear();
        old.forEach((key, value) -> keys.put(name.apply(key), value));
        return this;
    }

    public GgufEdit tensor(String name, WeightFormat format, long[] shape, MemorySegment data) {
        tensors.add(new Content(name, format, shape, data));
        return this;
    }

    public GgufEdit renameTensors(UnaryOperator<String> name) {
        tensors.replaceAll(tensor -> new Content(name.apply(tensor.name), tensor.format, tensor.shape, tensor.data));
        return this;
    }

    public GgufEdit removeTensors(Predicate<String> name) {
        tensors.removeIf(tensor -> name.test(tensor.name));
        return this;
    }

    public List<String> tensorNames() {
        return tensors.stream().map(Content::name).toList();
    }

    public Path writeTo(Path target) {
        write(target, keys, tensors);
        return target;
    }

    /** Writes the parts that {@code llama-gguf-split} makes; returns them in order. */
    public List<Path> split(Path folder, String stem, int count) {
        List<Path> parts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Map<String, Value> own = new LinkedHashMap<>(i == 0 ? keys : Map.of());
            own.put("split.no", new Value(MetadataType.UINT16, i));
            own.put("split.count", new Value(MetadataType.UINT16, count));
            own.put("split.tensors.count", new Value(MetadataType.INT32, tensors.size()));
            Path part = folder.resolve("%s-%05d-of-%05d.gguf".formatted(stem, i + 1, count));
            write(part, own, tensors.subList(i * tensors.size() / count, (i + 1) * tensors.size() / count));
            parts.add(part);
        }
        return parts;
    }

    private static void write(Path target, Map<String, Value> keys, List<Content> tensors) {
        GgufWriter writer = new GgufWriter();
        keys.forEach((key, value) -> writer.put(key, value.type, value.value));
        for (Content tensor : tensors) {
            writer.tensor(tensor.name, tensor.format, tensor.shape, tensor.data);
        }
        try {
            writer.writeTo(target);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
