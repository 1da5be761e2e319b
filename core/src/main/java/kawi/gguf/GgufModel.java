package kawi.gguf;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import kawi.ModelFile;
import kawi.ModelFileException;
import kawi.files.Excerpt;
import kawi.files.PartName;
import kawi.quant.Tensor;

/**
 * The model in a GGUF file, or in all the files that a larger one was split into ({@code llama-gguf-split} of
 * github.com/ggml-org/llama.cpp).
 *
 * <pre>
 *    split.count           number of files, in each of them; 0 or 1 where there is one file
 *    split.no              number of this file, from 0 on
 *    split.tensors.count   number of tensors in all files
 * </pre>
 *
 * <p>The first file has the metadata of the model and possibly tensors, the others have tensors only. The files are
 * found beside each other by their {@linkplain PartName names}. All methods are safe for use by multiple threads; after
 * {@link #close} they throw as those of {@link GgufFile} do.
 */
public final class GgufModel implements AutoCloseable {

    private static final String COUNT = "split.count";
    private static final String NUMBER = "split.no";
    private static final String ARCHITECTURE = "general.architecture";
    private static final String TENSORS = "split.tensors.count";

    private final List<GgufFile> files;
    private final SequencedMap<String, GgufFile> tensors = new LinkedHashMap<>();

    /** Owns the files, the first of which has the metadata. */
    private GgufModel(List<GgufFile> files) {
        this.files = files;
        for (GgufFile file : files) {
            for (String tensor : file.tensorNames()) {
                GgufFile other = tensors.putIfAbsent(tensor, file);
                if (other != null) {
                    throw new ModelFileException("%s and %s do not belong together: both have a tensor %s"
                            .formatted(other.name(), file.name(), Excerpt.of(tensor)));
                }
            }
        }
    }

    /**
     * Opens a model.
     *
     * @param path its file, or any of its parts
     * @throws ModelFileException if it does not exist, is damaged or incomplete, or its parts do not belong together
     */
    public static GgufModel open(Path path) {
        List<GgufFile> opened = new ArrayList<>();
        try {
            GgufFile given = GgufFile.open(path);
            opened.add(given);
            return new GgufModel(isPart(given) ? parts(path, given, opened) : List.of(given));
        } catch (RuntimeException | Error e) {
            opened.forEach(GgufFile::close);
            throw e;
        }
    }

    /**
     * The model in a file that is in memory; closed with the model.
     *
     * @throws ModelFileException if it is only a part of a model
     */
    public static GgufModel of(GgufFile file) {
        if (isPart(file)) {
            throw new ModelFileException("%s is one part of a model in %d files; a model in memory must be in one piece"
                    .formatted(file.name(), count(file)));
        }
        return new GgufModel(List.of(file));
    }

    /** Whether other files belong to {@code file}. A file with all tensors is whole, even if it was split once. */
    private static boolean isPart(GgufFile file) {
        if (count(file) <= 1) {
            return false;
        }
        boolean whole = number(file) == 0
                && file.metadata().has(TENSORS)
                && total(file) == file.tensorNames().size();
        return !whole;
    }

    private static int count(GgufFile file) {
        return file.metadata().optionalInteger(COUNT, 0, Integer.MAX_VALUE).orElse(1);
    }

    private static int number(GgufFile file) {
        return file.metadata().optionalInteger(NUMBER, 0, Integer.MAX_VALUE).orElse(0);
    }

    private static int total(GgufFile file) {
        return file.metadata().integer(TENSORS, 0, Integer.MAX_VALUE);
    }

    /** All parts of the model of {@code given}; those that are opened here are added to {@code opened}. */
    private static List<GgufFile> parts(Path path, GgufFile given, List<GgufFile> opened) {
        int count = count(given);
        String name = String.valueOf(path.getFileName());
        PartName part = PartName.of(name)
                .orElseThrow(() -> new ModelFileException(
                        "%s is one part of a model in %d files, which are found by names such as model-00001-of-%05d.gguf; give it the name that it was published under"
                                .formatted(name, count, count)));
        if (part.count() != count) {
            throw new ModelFileException("%s: by its name there are %d files, but its key %s says %d"
                    .formatted(name, part.count(), COUNT, count));
        }
        List<Path> paths = part.all().stream().map(path::resolveSibling).toList();
        List<String> missing = paths.stream()
                .filter(sibling -> !Files.exists(sibling))
                .map(sibling -> String.valueOf(sibling.getFileName()))
                .toList();
        if (!missing.isEmpty()) {
            throw new ModelFileException("%s is one of %d files of a model, of which %s %s missing in the same folder"
                    .formatted(
                            name,
                            count,
                            missing.size() == 1
                                    ? missing.getFirst()
                                    : "%s and %d others".formatted(missing.getFirst(), missing.size() - 1),
                            missing.size() == 1 ? "is" : "are"));
        }
        List<GgufFile> files = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            if (i == part.number() - 1) {
                files.add(given);
            } else {
                GgufFile file = GgufFile.open(paths.get(i));
                opened.add(file);
                files.add(file);
            }
        }
        checkTogether(files);
        return files;
    }

    private static void checkTogether(List<GgufFile> files) {
        GgufFile first = files.getFirst();
        for (int i = 0; i < files.size(); i++) {
            GgufFile file = files.get(i);
            if (count(file) != files.size() || number(file) != i) {
                throw new ModelFileException(
                        "%s: by its name it is file %d of %d, but by its keys %s and %s it is file %d of %d"
                                .formatted(
                                        file.name(),
                                        i + 1,
                                        files.size(),
                                        NUMBER,
                                        COUNT,
                                        number(file) + 1L,
                                        count(file)));
            }
            Optional<String> architecture = file.metadata().optionalString(ARCHITECTURE);
            if (architecture.isPresent()
                    && !architecture.equals(first.metadata().optionalString(ARCHITECTURE))) {
                throw new ModelFileException("%s and %s do not belong together: they have different architectures"
                        .formatted(first.name(), file.name()));
            }
            if (file.metadata().has(TENSORS) && first.metadata().has(TENSORS) && total(file) != total(first)) {
                throw new ModelFileException(
                        "%s and %s do not belong together: their models have %d and %d tensors (%s)"
                                .formatted(first.name(), file.name(), total(first), total(file), TENSORS));
            }
        }
        long tensors =
                files.stream().mapToLong(file -> file.tensorNames().size()).sum();
        if (first.metadata().has(TENSORS) && total(first) != tensors) {
            throw new ModelFileException("%s: the model should have %d tensors (%s), but its %d files have %d"
                    .formatted(first.name(), total(first), TENSORS, files.size(), tensors));
        }
    }

    /** The name of the file, or of the first of several. */
    public String name() {
        return files.getFirst().name();
    }

    /** The version of the format, 2 or 3. */
    public int version() {
        return files.getFirst().version();
    }

    /** The number of files. */
    public int fileCount() {
        return files.size();
    }

    /** The hyperparameters, tokenizer and all other data except the tensors. */
    public Metadata metadata() {
        return files.getFirst().metadata();
    }

    /** The names of all tensors, in the order of the files. */
    public Set<String> tensorNames() {
        return Collections.unmodifiableSet(tensors.keySet());
    }

    /** Whether there is a tensor named {@code tensor}. */
    public boolean hasTensor(String tensor) {
        return tensors.containsKey(tensor);
    }

    /** The tensor named {@code tensor}; see {@link GgufFile#tensor}. */
    public Tensor tensor(String tensor) {
        return file(tensor).tensor(tensor);
    }

    /** A description of a tensor, which need not be readable. */
    public ModelFile.TensorInfo describe(String tensor) {
        return file(tensor).describe(tensor);
    }

    /** The dimensions of a tensor; see {@link GgufFile#shape}. */
    public long[] shape(String tensor) {
        return file(tensor).shape(tensor);
    }

    private GgufFile file(String tensor) {
        GgufFile file = tensors.get(tensor);
        if (file == null) {
            throw new ModelFileException(
                    "%s: there is no tensor %s among its %d".formatted(name(), Excerpt.of(tensor), tensors.size()));
        }
        return file;
    }

    /** Checks that no file was modified; see {@link GgufFile#checkUnchanged}. */
    public void checkUnchanged() {
        files.forEach(GgufFile::checkUnchanged);
    }

    /** Closes all files; closing again has no effect. */
    @Override
    public void close() {
        files.forEach(GgufFile::close);
    }
}
