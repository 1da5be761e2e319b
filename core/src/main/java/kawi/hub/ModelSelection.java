package kawi.hub;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import kawi.ModelFileException;
import kawi.files.Excerpt;
import org.jspecify.annotations.Nullable;

/**
 * The files of a repository that make up the model of a reference.
 *
 * @param gguf the file to load, or null where the snapshot's folder is the model
 * @param files all required files in download order: small files first, so that an unusable model is noticed before
 *     gigabytes are downloaded
 */
record ModelSelection(@Nullable String gguf, List<String> files) {

    private static final String CONFIG = "config.json";
    static final String SINGLE = "model.safetensors";
    static final String INDEX = "model.safetensors.index.json";

    /** Quantizations to prefer where the reference names none. */
    private static final List<String> PREFERRED = List.of("Q4_K_M", "Q4_0", "Q8_0");

    private static final Pattern PART = Pattern.compile("(?i)-(\\d{5})-of-(\\d{5})\\.gguf$");
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
        return gguf(
                reference,
                reference.quantization() == null
                        ? preferred(reference, models)
                        : matching(reference, reference.quantization(), models));
    }

    private static ModelSelection exactly(HubReference reference, String file, List<String> names) {
        if (!names.contains(file)) {
            throw new ModelFileException("%s does not exist; the repository has %s"
                    .formatted(
                            reference,
                            listed(names.stream().filter(HubReference::isGguf).toList())));
        }
        return gguf(reference, List.of(file));
    }

    private static ModelSelection gguf(HubReference reference, List<String> candidates) {
        TreeMap<String, String> models = new TreeMap<>(candidates.stream()
                .collect(Collectors.toMap(name -> PART.matcher(name).replaceFirst(""), name -> name, (a, b) -> a)));
        if (models.size() > 1) {
            throw new ModelFileException("%s could be any of %s; name the file: hf:%s/%s"
                    .formatted(reference, listed(candidates), reference.repository(), candidates.getFirst()));
        }
        String file = candidates.getFirst();
        Matcher part = PART.matcher(file);
        if (part.find() && !part.group(2).equals("00001")) {
            throw new ModelFileException(
                    "%s is split over %d files, which is not supported; download and join them (llama-gguf-split --merge), or use another quantization"
                            .formatted(reference, Integer.parseInt(part.group(2))));
        }
        return new ModelSelection(file, List.of(file));
    }

    private static List<String> preferred(HubReference reference, List<String> models) {
        for (String quantization : PREFERRED) {
            List<String> found =
                    models.stream().filter(name -> has(name, quantization)).toList();
            if (!found.isEmpty()) {
                return found;
            }
        }
        if (models.size() > 1) {
            throw new ModelFileException("%s has several GGUF files and none of %s; name one of %s"
                    .formatted(reference, String.join(", ", PREFERRED), listed(models)));
        }
        return models;
    }

    private static List<String> matching(HubReference reference, String quantization, List<String> models) {
        List<String> found =
                models.stream().filter(name -> has(name, quantization)).toList();
        if (found.isEmpty()) {
            throw new ModelFileException("%s has no GGUF file of quantization %s; it has %s"
                    .formatted(reference, quantization, listed(models)));
        }
        return found;
    }

    /** Whether a name has the quantization between separators: Q4_K is not part of Q4_K_M. */
    private static boolean has(String name, String quantization) {
        String stem = name.substring(0, name.length() - ".gguf".length());
        return Pattern.compile("(?i)(^|[-._/])" + Pattern.quote(quantization) + "($|[-./])")
                .matcher(stem)
                .find();
    }

    /** Whether a GGUF file is a language model, rather than a vision encoder or an importance matrix. */
    static boolean isModel(String name) {
        String lower = RepositoryPath.name(name).toLowerCase(Locale.ROOT);
        return lower.endsWith(".gguf") && !lower.contains("mmproj") && !lower.contains("imatrix");
    }

    /** The files of a model folder in the root of the repository; empty if there is none. */
    static List<String> folder(List<String> names) {
        boolean single = names.contains(SINGLE);
        if (!names.contains(CONFIG) || (!single && !names.contains(INDEX))) {
            return List.of();
        }
        List<String> small = new ArrayList<>();
        List<String> weights = new ArrayList<>();
        for (String name : names) {
            if (name.indexOf('/') >= 0) {
                continue;
            }
            if (name.endsWith(".safetensors")) {
                if (single ? name.equals(SINGLE) : name.startsWith("model")) {
                    weights.add(name);
                }
            } else if (isDescription(name) && !(single && name.equals(INDEX))) {
                small.add(name);
            }
        }
        small.sort(null);
        weights.sort(null);
        small.addAll(weights);
        return weights.isEmpty() ? List.of() : List.copyOf(small);
    }

    /** Configuration, tokenizer and template files, by their extensions, because each model family adds some. */
    private static boolean isDescription(String name) {
        return (name.endsWith(".json") && !name.startsWith("adapter"))
                || name.endsWith(".jinja")
                || name.equals("merges.txt");
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
