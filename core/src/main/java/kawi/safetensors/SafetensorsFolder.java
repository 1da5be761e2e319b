package kawi.safetensors;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import kawi.ModelFile;
import kawi.ModelFileException;
import kawi.files.DiskFile;
import kawi.files.Excerpt;
import kawi.files.FileContent;
import kawi.quant.Tensor;
import kawi.quant.TensorSource;
import kawi.quant.WeightFormat;

/**
 * The weights of a Hugging Face checkpoint folder. They are, in this order,
 *
 * <ol>
 *   <li>{@code model.safetensors}, even if there is an index, as for other loaders;
 *   <li>the shards that {@code model.safetensors.index.json}, or the only other index, lists by any names;
 *   <li>without an index, the only safetensors file, or all shards {@code NAME-0000N-of-0000M.safetensors}.
 * </ol>
 *
 * <p>An index may be incomplete, and it may list tensors that were removed from the shards; this matters only if they
 * are requested. All methods are safe for use by multiple threads. {@link #close} closes all files; afterwards tensors
 * throw {@link IllegalStateException}.
 */
public final class SafetensorsFolder implements AutoCloseable {

    private static final String EXTENSION = ".safetensors";
    private static final String SINGLE = "model.safetensors";
    private static final String INDEX_EXTENSION = ".safetensors.index.json";
    private static final Pattern SHARD = Pattern.compile("(.+)-(\\d{1,5})-of-(\\d{1,5})\\.safetensors");

    /** A folder with more files is not a model. */
    private static final int MAX_FILES = 10_000;

    private final Path folder;
    private final List<SafetensorsFile> files;
    private final SequencedMap<String, SafetensorsFile> tensors;

    /** The shards that the index names for tensors, whether they have them or not. */
    private final Map<String, String> listed;

    private SafetensorsFolder(
            Path folder,
            List<SafetensorsFile> files,
            SequencedMap<String, SafetensorsFile> tensors,
            Map<String, String> listed) {
        this.folder = folder;
        this.files = files;
        this.tensors = tensors;
        this.listed = listed;
    }

    /**
     * Opens the weights in {@code folder}.
     *
     * @throws ModelFileException if there are none, a shard is missing, or a file is damaged
     */
    public static SafetensorsFolder open(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new ModelFileException("%s is not a folder, but a model folder was expected".formatted(folder));
        }
        var files = new ArrayList<SafetensorsFile>();
        try {
            Map<String, String> listed = Map.of();
            List<String> names = List.of(SINGLE);
            if (!Files.exists(folder.resolve(SINGLE))) {
                Optional<String> index = index(folder);
                listed = index.isPresent() ? readIndex(folder, index.get()) : Map.of();
                names = index.isPresent() ? listed.values().stream().distinct().toList() : withoutIndex(folder);
            }
            return new SafetensorsFolder(folder, files, openTensors(folder, names, listed, files), listed);
        } catch (RuntimeException e) {
            files.forEach(SafetensorsFile::close);
            throw e;
        }
    }

    /** Whether {@code folder} is a folder with at least one safetensors file. */
    public static boolean hasWeights(Path folder) {
        return Files.isDirectory(folder) && content(folder).stream().anyMatch(name -> name.endsWith(EXTENSION));
    }

    /** The name of the index of shards. */
    private static Optional<String> index(Path folder) {
        String usual = "model" + INDEX_EXTENSION;
        if (Files.exists(folder.resolve(usual))) {
            return Optional.of(usual);
        }
        List<String> indexes = content(folder).stream()
                .filter(name -> name.endsWith(INDEX_EXTENSION))
                .toList();
        return indexes.size() == 1 ? Optional.of(indexes.getFirst()) : Optional.empty();
    }

    /** The names of the files with weights in a folder that has no index. */
    private static List<String> withoutIndex(Path folder) {
        List<String> weights = content(folder).stream()
                .filter(name -> name.endsWith(EXTENSION))
                .toList();
        if (weights.isEmpty()) {
            throw new ModelFileException("%s has neither %s nor an index of shards (model%s); there %s"
                    .formatted(folder, SINGLE, INDEX_EXTENSION, describeContent(folder)));
        }
        Matcher first = SHARD.matcher(weights.getFirst());
        if (!first.matches()) {
            if (weights.size() > 1) {
                throw new ModelFileException(
                        "%s has %d safetensors files and no index (model%s) that says which of them make up the model; there %s"
                                .formatted(folder, weights.size(), INDEX_EXTENSION, describeContent(folder)));
            }
            return weights;
        }
        int count = Math.min(MAX_FILES, Integer.parseInt(first.group(3)));
        List<String> shards = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            String number = String.valueOf(i);
            String digits = "0".repeat(Math.max(0, first.group(2).length() - number.length())) + number;
            shards.add("%s-%s-of-%s%s".formatted(first.group(1), digits, first.group(3), EXTENSION));
        }
        List<String> missing =
                shards.stream().filter(shard -> !weights.contains(shard)).toList();
        if (shards.isEmpty() || !missing.isEmpty() || shards.size() != weights.size()) {
            throw new ModelFileException(
                    "%s has no index (model%s), and its safetensors files are not exactly the %d shards of one model%s; there %s"
                            .formatted(
                                    folder,
                                    INDEX_EXTENSION,
                                    shards.size(),
                                    missing.isEmpty() ? "" : ": " + Excerpt.of(missing.getFirst()) + " is missing",
                                    describeContent(folder)));
        }
        return shards;
    }

    /** The file of every tensor; all opened files are added to {@code files}. */
    private static SequencedMap<String, SafetensorsFile> openTensors(
            Path folder, List<String> names, Map<String, String> listed, List<SafetensorsFile> files) {
        var shards = new LinkedHashMap<String, SafetensorsFile>();
        for (String name : names) {
            SafetensorsFile shard = SafetensorsFile.open(folder.resolve(name));
            files.add(shard);
            shards.put(name, shard);
        }
        var tensors = new LinkedHashMap<String, SafetensorsFile>();
        listed.forEach((tensor, name) -> {
            SafetensorsFile shard = shards.get(name);
            if (shard != null && shard.hasTensor(tensor)) {
                tensors.put(tensor, shard);
            }
        });
        for (SafetensorsFile shard : files) {
            for (String tensor : shard.tensorNames()) {
                SafetensorsFile other = tensors.putIfAbsent(tensor, shard);
                if (other != null && other != shard && !listed.containsKey(tensor)) {
                    throw new ModelFileException("%s: tensor %s is in %s and in %s"
                            .formatted(folder, Excerpt.of(tensor), other.name(), shard.name()));
                }
            }
        }
        return tensors;
    }

    /** The shard name of every tensor. */
    private static Map<String, String> readIndex(Path folder, String name) {
        Path path = folder.resolve(name);
        var shardNames = new LinkedHashMap<String, String>();
        try (DiskFile index = DiskFile.open(path, "the index of a model's shards")) {
            long size = index.size();
            if (size > JsonText.MAX_BYTES) {
                throw new ModelFileException(
                        "%s has %d bytes, more than the %d that are read".formatted(path, size, JsonText.MAX_BYTES));
            }
            MemorySegment data = index.head(size);
            if (data.get(ValueLayout.JAVA_BYTE, 0) != '{') {
                throw new ModelFileException(
                        "%s is not a JSON object: %s".formatted(path, FileContent.describe(index)));
            }
            JsonText.read(data, name, 0, (int) size, (key, json) -> {
                if (key.equals("weight_map")) {
                    json.object(tensor -> shardNames.put(tensor, shardName(json)));
                } else {
                    json.skip();
                }
            });
        }
        if (shardNames.isEmpty()) {
            throw new ModelFileException("%s: weight_map is missing or empty".formatted(path));
        }
        return shardNames;
    }

    /** The name of a shard, which must not refer to a file outside of the folder on any file system. */
    private static String shardName(JsonText json) {
        String name = json.string();
        boolean plain = name.contains(EXTENSION) && name.chars().noneMatch(c -> c < ' ' || "/\\:".indexOf(c) >= 0);
        if (!plain) {
            throw json.failure("%s is not the plain name of a .safetensors file".formatted(Excerpt.of(name)));
        }
        return name;
    }

    private static String describeContent(Path folder) {
        List<String> names = content(folder);
        return names.isEmpty()
                ? "are no files at all"
                : "is: " + Excerpt.of(names.stream().limit(10).collect(Collectors.joining(", ")));
    }

    /** The names of the files in a folder, sorted. */
    private static List<String> content(Path folder) {
        var names = new TreeSet<String>();
        try (DirectoryStream<Path> content = Files.newDirectoryStream(folder)) {
            for (Path path : content) {
                names.add(String.valueOf(path.getFileName()));
                if (names.size() > MAX_FILES) {
                    throw new ModelFileException(
                            "%s has more than %d files, so it is not a model folder".formatted(folder, MAX_FILES));
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            throw new ModelFileException("the list of the files in %s cannot be read: %s".formatted(folder, e), e);
        }
        return List.copyOf(names);
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
     * @throws ModelFileException if it does not exist, is empty or too large, or has a type that is not supported
     */
    public Tensor tensor(String tensor) {
        return file(tensor).tensor(tensor);
    }

    /** The bytes of a tensor of any type, which are read on request. */
    public TensorSource bytes(String tensor) {
        return file(tensor).bytes(tensor);
    }

    /** The {@code dtype} of a tensor. */
    public String dtype(String tensor) {
        return file(tensor).dtype(tensor);
    }

    /** A description of a tensor, which need not be of a supported type. */
    public ModelFile.TensorInfo describe(String tensor) {
        return file(tensor).describe(tensor);
    }

    /** The dimensions of a tensor, the contiguous one last; none for a scalar. */
    public long[] shape(String tensor) {
        return file(tensor).shape(tensor);
    }

    /**
     * The format of the weights of a tensor.
     *
     * @throws ModelFileException if they are of a type that is not supported
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
            String shard = listed.get(tensor);
            throw new ModelFileException(
                    shard == null
                            ? "%s: there is no tensor %s among its %d"
                                    .formatted(folder, Excerpt.of(tensor), tensors.size())
                            : "%s: by the index, tensor %s should be in %s, but it is not"
                                    .formatted(folder, Excerpt.of(tensor), shard));
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
