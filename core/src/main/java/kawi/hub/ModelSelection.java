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
 * Which of a repository's files make up the model that a reference means.
 *
 * @param gguf the file to load, or null where the snapshot's folder is the model
 * @param files all files that are needed, in the order to fetch them: a description that cannot be used should cost no gigabytes
 */
record ModelSelection(@Nullable String gguf, List<String> files) {

    private static final String CONFIG = "config.json";
    static final String SINGLE = "model.safetensors";
    static final String INDEX = "model.safetensors.index.json";

    /** What people mean who name no quantization. */
    private static final List<String> PREFERRED = List.of("Q4_K_M", "Q4_0", "Q8_0");

    private static final Pattern PART = Pattern.compile("(?i)-(\\d{5})-of-(\\d{5})\\.gguf$");
    private static final int MAX_LISTED = 20;

    /**
     * Selects.
     *
     * @param names all files of the repository, or of what the cache has of it
     * @throws ModelFileException if the reference fits none of them, or several
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
                    "%s is split over %d files, which Kawi does not read; fetch them and join them (llama-gguf-split --merge), or take another quantization"
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

    /** Whether the quantization stands between separators: Q4_K is not in Q4_K_M. */
    private static boolean has(String name, String quantization) {
        String stem = name.substring(0, name.length() - ".gguf".length());
        return Pattern.compile("(?i)(^|[-._/])" + Pattern.quote(quantization) + "($|[-./])")
                .matcher(stem)
                .find();
    }

    /** Whether a GGUF file is a language model, rather than the eyes of one or notes from quantizing it. */
    static boolean isModel(String name) {
        String lower = RepositoryPath.name(name).toLowerCase(Locale.ROOT);
        return lower.endsWith(".gguf") && !lower.contains("mmproj") && !lower.contains("imatrix");
    }

    /** What a model folder needs of these files, all in the repository's root; nothing if it is not one. */
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

    /** Configuration, tokenizer and template files, by their endings: every family adds some. */
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
