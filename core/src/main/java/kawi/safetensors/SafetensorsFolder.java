package kawi.safetensors;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import kawi.ModelFileException;
import kawi.files.DiskFile;
import kawi.files.Excerpt;
import kawi.files.FileContent;
import kawi.quant.Tensor;
import kawi.quant.WeightFormat;

/**
 * The weights of a Hugging Face checkpoint folder: {@code model.safetensors}, or the shards that
 * {@code model.safetensors.index.json} lists. If there are both, the single file is read, as other loaders do.
 *
 * <p>All methods are safe for use by multiple threads. {@link #close} closes all files; afterwards tensors throw {@link
 * IllegalStateException}.
 */
public final class SafetensorsFolder implements AutoCloseable {

    private static final String SINGLE = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";

    private final Path folder;
    private final List<SafetensorsFile> files;
    private final SequencedMap<String, SafetensorsFile> tensors;

    private SafetensorsFolder(Path folder, List<SafetensorsFile> files, SequencedMap<String, SafetensorsFile> tensors) {
        this.folder = folder;
        this.files = files;
        this.tensors = tensors;
    }

    /**
     * Opens the weights in {@code folder}.
     *
     * @throws ModelFileException if there are none, a shard or a tensor is missing, or a file is damaged
     */
    public static SafetensorsFolder open(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new ModelFileException("%s is not a folder, but a model folder was expected".formatted(folder));
        }
        var files = new ArrayList<SafetensorsFile>();
        try {
            return new SafetensorsFolder(folder, files, openTensors(folder, files));
        } catch (RuntimeException e) {
            files.forEach(SafetensorsFile::close);
            throw e;
        }
    }

    /** The file of every tensor; all opened files are added to {@code files}. */
    private static SequencedMap<String, SafetensorsFile> openTensors(Path folder, List<SafetensorsFile> files) {
        var tensors = new LinkedHashMap<String, SafetensorsFile>();
        if (Files.exists(folder.resolve(SINGLE))) {
            SafetensorsFile file = SafetensorsFile.open(folder.resolve(SINGLE));
            files.add(file);
            file.tensorNames().forEach(tensor -> tensors.put(tensor, file));
            return tensors;
        }
        if (!Files.exists(folder.resolve(INDEX))) {
            throw new ModelFileException(
                    "%s has neither %s nor %s; there %s".formatted(folder, SINGLE, INDEX, describeContent(folder)));
        }
        var shards = new LinkedHashMap<String, SafetensorsFile>();
        readIndex(folder).forEach((tensor, shardName) -> {
            SafetensorsFile shard = shards.get(shardName);
            if (shard == null) {
                shard = SafetensorsFile.open(folder.resolve(shardName));
                files.add(shard);
                shards.put(shardName, shard);
            }
            if (!shard.hasTensor(tensor)) {
                throw new ModelFileException("%s: tensor %s should be in %s, but is not"
                        .formatted(folder.resolve(INDEX), Excerpt.of(tensor), shardName));
            }
            tensors.put(tensor, shard);
        });
        return tensors;
    }

    /** The shard name of every tensor. */
    private static Map<String, String> readIndex(Path folder) {
        var shardNames = new LinkedHashMap<String, String>();
        try (DiskFile index = DiskFile.open(folder.resolve(INDEX), "the index of a model's shards")) {
            long size = index.size();
            if (size > JsonText.MAX_BYTES) {
                throw new ModelFileException("%s has %d bytes, more than the %d that are read"
                        .formatted(folder.resolve(INDEX), size, JsonText.MAX_BYTES));
            }
            MemorySegment data = index.head(size);
            if (data.get(ValueLayout.JAVA_BYTE, 0) != '{') {
                throw new ModelFileException(
                        "%s is not a JSON object: %s".formatted(folder.resolve(INDEX), FileContent.describe(index)));
            }
            JsonText.read(data, INDEX, 0, (int) size, (name, json) -> {
                if (name.equals("weight_map")) {
                    json.object(tensor -> shardNames.put(tensor, shardName(json)));
                } else {
                    json.skip();
                }
            });
        }
        if (shardNames.isEmpty()) {
            throw new ModelFileException("%s: weight_map is missing or empty".formatted(folder.resolve(INDEX)));
        }
        return shardNames;
    }

    /** The name of a shard, which must not refer to a file outside of the folder on any file system. */
    private static String shardName(JsonText json) {
        String name = json.string();
        boolean plain = name.endsWith(".safetensors") && name.chars().noneMatch(c -> c < ' ' || "/\\:".indexOf(c) >= 0);
        if (!plain) {
            throw json.failure("%s is not the plain name of a .safetensors file".formatted(Excerpt.of(name)));
        }
        return name;
    }

    private static String describeContent(Path folder) {
        var names = new TreeSet<String>();
        try (DirectoryStream<Path> content = Files.newDirectoryStream(folder)) {
            for (Path path : content) {
                names.add(String.valueOf(path.getFileName()));
                if (names.size() > 10) {
                    names.pollLast();
                }
            }
        } catch (IOException e) {
            return "the list of its files cannot be read";
        }
        return names.isEmpty() ? "are no files at all" : "is: " + Excerpt.of(String.join(", ", names));
    }

    /** The folder's path, for messages. */
    public String name() {
        return folder.toString();
    }

    /** The names of all tensors. */
    public Set<String> tensorNames() {
        return Collections.unmodifiableSet(tensors.keySet());
    }

    /** Whether there is a tensor named {@code tensor}. */
    public boolean hasTensor(String tensor) {
        return tensors.containsKey(tensor);
    }

    /**
     * The tensor named {@code tensor}; see {@link SafetensorsFile#tensor}.
     *
     * @throws ModelFileException if it does not exist, is empty or too large, or has a type other than F32, F16 and
     *     BF16
     */
    public Tensor tensor(String tensor) {
        return file(tensor).tensor(tensor);
    }

    /** The dimensions of a tensor, the contiguous one last; none for a scalar. */
    public long[] shape(String tensor) {
        return file(tensor).shape(tensor);
    }

    /**
     * The format of the weights of a tensor.
     *
     * @throws ModelFileException if they are not F32, F16 or BF16
     */
    public WeightFormat format(String tensor) {
        return file(tensor).format(tensor);
    }

    /** The total number of bytes of tensors in all files. */
    public long dataBytes() {
        return files.stream().mapToLong(SafetensorsFile::dataBytes).sum();
    }

    private SafetensorsFile file(String tensor) {
        SafetensorsFile file = tensors.get(tensor);
        if (file == null) {
            throw new ModelFileException(
                    "%s: there is no tensor %s among its %d".formatted(folder, tensor, tensors.size()));
        }
        return file;
    }

    /** See {@link SafetensorsFile#checkUnchanged}. */
    public void checkUnchanged() {
        files.forEach(SafetensorsFile::checkUnchanged);
    }

    /** Closes all files; closing again has no effect. */
    @Override
    public void close() {
        files.forEach(SafetensorsFile::close);
    }
}
