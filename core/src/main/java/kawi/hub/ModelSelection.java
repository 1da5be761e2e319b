package kawi.hub;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import kawi.ModelFileException;
import kawi.files.Excerpt;
import kawi.files.PartName;
import kawi.files.VisionName;
import org.jspecify.annotations.Nullable;

/**
 * The files of a repository that make up the model of a reference.
 *
 * @param gguf the file to load, the first one if the model is in several, or null where the snapshot's folder is the
 *     model
 * @param files all required files in download order: small files first, so that an unusable model is noticed before
 *     gigabytes are downloaded. A vision tower that a repository of GGUF files has is the last
 */
record ModelSelection(@Nullable String gguf, List<String> files) {

    private static final String CONFIG = "config.json";
    static final String SINGLE = "model.safetensors";
    static final String INDEX_EXTENSION = ".safetensors.index.json";

    /** Quantizations to prefer where the reference names none. */
    private static final List<String> PREFERRED = List.of("Q4_K_M", "Q4_0", "Q8_0");

    /** Weights that are no part of a model, or the same weights in another layout. */
    private static final Pattern OTHER_WEIGHTS = Pattern.compile("adapter|consolidated|optimizer|pytorch_lora");

    private static final int MAX_LISTED = 20;

    /**
     * Selects the files.
     *
     * @param names all files of the repository, or those of them in the cache
     * @throws ModelFileException if the reference matches none of them, or several
     */
    static ModelSelection of(HubReference reference, List<String> names) {
        if (reference.file() != null) {
            return exactly(reference, reference.file(), names);
        }
        List<String> folder = folder(names);
        if (reference.quantization() == null && !folder.isEmpty()) {
            return new ModelSelection(null, folder);
        }
        List<String> models =
                names.stream().filter(ModelSelection::isModel).sorted().toList();
        if (models.isEmpty()) {
            throw new ModelFileException("%s has no GGUF file%s; it has %s"
                    .formatted(
                            reference,
                            reference.quantization() == null
                                    ? ", nor config.json with model.safetensors or its shards"
                                    : "",
                            listed(names)));
        }
        ModelSelection selection = gguf(
                reference,
                reference.quantization() == null
                        ? preferred(reference, models)
                        : matching(reference, reference.quantization(), models),
                names);
        return selection.withVision(names);
    }

    /** This selection of a GGUF file with the vision tower of the repository, if it has one, and it is clear which. */
    private ModelSelection withVision(List<String> names) {
        String model = Objects.requireNonNull(gguf);
        String folder = model.substring(0, model.lastIndexOf('/') + 1);
        List<String> towers = names.stream()
                .filter(name -> isVision(name) && name.startsWith(folder) && name.indexOf('/', folder.length()) < 0)
                .sorted()
                .toList();
        towers = VisionName.preferred(towers);
        if (towers.size() != 1) {
            return this;
        }
        List<String> all = new ArrayList<>(files);
        all.addAll(towers);
        return new ModelSelection(gguf, List.copyOf(all));
    }

    /**
     * Selects the vision tower of a repository of GGUF files.
     *
     * @param names all files of the repository, or those of them in the cache
     * @throws ModelFileException if the reference matches none of them, or several
     */
    static ModelSelection vision(HubReference reference, List<String> names) {
        if (reference.file() != null) {
            return exactly(reference, reference.file(), names);
        }
        List<String> towers =
                names.stream().filter(ModelSelection::isVision).sorted().toList();
        if (towers.isEmpty()) {
            throw new ModelFileException(
                    "%s has no mmproj*.gguf with a vision tower; it has %s".formatted(reference, listed(names)));
        }
        return gguf(
                reference,
                reference.quantization() == null
                        ? VisionName.preferred(towers)
                        : matching(reference, reference.quantization(), towers),
                names);
    }

    private static ModelSelection exactly(HubReference reference, String file, List<String> names) {
        if (!names.contains(file)) {
            throw new ModelFileException("%s does not exist; the repository has %s"
                    .formatted(
                            reference,
                            listed(names.stream().filter(HubReference::isGguf).toList())));
        }
        return gguf(reference, List.of(file), names);
    }

    /** @param candidates one or more files, of which those that are parts of one model count as one */
    private static ModelSelection gguf(HubReference reference, List<String> candidates, List<String> names) {
        List<String> models = firstParts(candidates);
        if (models.size() > 1) {
            throw new ModelFileException("%s could be any of %s; name the file: hf:%s/%s"
                    .formatted(reference, listed(models), reference.repository(), models.getFirst()));
        }
        List<String> files = partsOf(models.getFirst());
        List<String> missing =
                files.stream().filter(file -> !names.contains(file)).toList();
        if (!missing.isEmpty()) {
            throw new ModelFileException("%s is in %d files, but %s %s missing"
                    .formatted(
                            reference,
                            files.size(),
                            missing.size() == 1
                                    ? Excerpt.of(missing.getFirst())
                                    : "%s and %d others".formatted(Excerpt.of(missing.getFirst()), missing.size() - 1),
                            missing.size() == 1 ? "is" : "are"));
        }
        return new ModelSelection(files.getFirst(), files);
    }

    /** All files of the model that a GGUF file belongs to, in order. */
    static List<String> partsOf(String file) {
        return PartName.of(file).map(PartName::all).orElse(List.of(file));
    }

    /** The files, with the first part of a model in place of its parts. */
    static List<String> firstParts(List<String> files) {
        return files.stream()
                .map(file -> PartName.of(file).map(part -> part.name(1)).orElse(file))
                .distinct()
                .sorted()
                .toList();
    }

    private static List<String> preferred(HubReference reference, List<String> models) {
        for (String quantization : PREFERRED) {
            List<String> found = models.stream()
                    .filter(name -> VisionName.hasFormat(name, quantization))
                    .toList();
            if (!found.isEmpty()) {
                return found;
            }
        }
        if (firstParts(models).size() > 1) {
            throw new ModelFileException("%s has several GGUF files and none of %s; name one of %s"
                    .formatted(reference, String.join(", ", PREFERRED), listed(firstParts(models))));
        }
        return models;
    }

    private static List<String> matching(HubReference reference, String quantization, List<String> models) {
        List<String> found = models.stream()
                .filter(name -> VisionName.hasFormat(name, quantization))
                .toList();
        if (found.isEmpty()) {
            throw new ModelFileException("%s has no GGUF file of quantization %s; it has %s"
                    .formatted(reference, quantization, listed(firstParts(models))));
        }
        return found;
    }

    /** Whether a GGUF file is a language model, rather than a vision encoder or an importance matrix. */
    static boolean isModel(String name) {
        String lower = RepositoryPath.name(name).toLowerCase(Locale.ROOT);
        return lower.endsWith(".gguf") && !lower.contains("mmproj") && !lower.contains("imatrix");
    }

    private static boolean isVision(String name) {
        return VisionName.matches(RepositoryPath.name(name));
    }

    /** The files of a model folder in the root of the repository; empty if there is none. */
    static List<String> folder(List<String> names) {
        List<String> root =
                names.stream().filter(name -> name.indexOf('/') < 0).sorted().toList();
        List<String> weights = weights(root);
        if (!root.contains(CONFIG) || weights.isEmpty()) {
            return List.of();
        }
        boolean single = weights.equals(List.of(SINGLE));
        List<String> files = new ArrayList<>(names.stream()
                .filter(name -> name.indexOf('/') < 0 || isNamedTemplate(name))
                .filter(name -> isDescription(name) && !(single && name.endsWith(INDEX_EXTENSION)))
                .sorted()
                .toList());
        files.addAll(weights);
        return List.copyOf(files);
    }

    /** The files with weights that {@link kawi.safetensors.SafetensorsFolder} reads, or more. */
    private static List<String> weights(List<String> root) {
        if (root.contains(SINGLE)) {
            return List.of(SINGLE);
        }
        List<String> weights = root.stream()
                .filter(name -> name.endsWith(".safetensors")
                        && !OTHER_WEIGHTS.matcher(name).lookingAt())
                .toList();
        boolean indexed = root.stream().anyMatch(name -> name.endsWith(INDEX_EXTENSION));
        List<String> usual =
                weights.stream().filter(name -> name.startsWith("model")).toList();
        if (indexed) {
            return isShards(usual) ? usual : weights;
        }
        return weights.size() == 1 || isShards(weights) ? weights : List.of();
    }

    /** Whether files are all the shards of one model by their names. */
    private static boolean isShards(List<String> names) {
        return !names.isEmpty()
                && names.stream().allMatch(name -> name.endsWith("-of-%05d.safetensors".formatted(names.size())));
    }

    /** Configuration, tokenizer and template files, by their extensions, because each model family adds some. */
    private static boolean isDescription(String name) {
        return (name.endsWith(".json") && !name.startsWith("adapter"))
                || name.endsWith(".jinja")
                || name.equals("merges.txt");
    }

    /** Templates for special purposes are in a folder of their own. */
    private static boolean isNamedTemplate(String name) {
        return name.startsWith("additional_chat_templates/") && name.endsWith(".jinja");
    }

    private static String listed(List<String> names) {
        if (names.isEmpty()) {
            return "none";
        }
        String shown =
                names.stream().sorted().limit(MAX_LISTED).map(Excerpt::of).collect(Collectors.joining(", "));
        return names.size() > MAX_LISTED ? "%s and %d others".formatted(shown, names.size() - MAX_LISTED) : shown;
    }
}
