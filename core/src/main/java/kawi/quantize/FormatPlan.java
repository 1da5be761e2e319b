package kawi.quantize;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import kawi.quant.Tensor;
import kawi.quant.WeightFormat;
import kawi.quant.WeightFormats;
import kawi.weights.ProvidedFormat;
import kawi.weights.ProvidedFormats;
import org.jspecify.annotations.Nullable;

/** The formats of the matrices of a model: those of a recipe, or one that is provided, and exceptions by name. */
public final class FormatPlan {

    /** The value of {@code general.file_type} that means no particular format: {@code LLAMA_FTYPE_GUESSED}. */
    private static final int GUESSED = 1024;

    private final @Nullable Recipe recipe;

    /** The format of all matrices in place of a recipe. */
    private final @Nullable ProvidedFormat provided;

    /** Formats by patterns of names; the first that is found in a name counts. */
    private final SequencedMap<Pattern, WeightFormat> exceptions = new LinkedHashMap<>();

    private FormatPlan(@Nullable Recipe recipe, @Nullable ProvidedFormat provided) {
        this.recipe = recipe;
        this.provided = provided;
    }

    /**
     * A plan.
     *
     * @param format the name of a recipe, or of a format that is provided
     * @param exceptions the names of formats by regular expressions, which are searched for in the names of matrices
     * @throws IllegalArgumentException if there is no such recipe or format, or an expression is invalid
     */
    public static FormatPlan of(String format, Map<String, String> exceptions) {
        FormatPlan plan = of(format);
        exceptions.forEach((pattern, name) -> {
            WeightFormat exception = encodable(format(name));
            try {
                plan.exceptions.put(Pattern.compile(pattern), exception);
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException(
                        "\"%s\" is not a regular expression: %s".formatted(pattern, e.getDescription()), e);
            }
        });
        return plan;
    }

    private static FormatPlan of(String format) {
        try {
            return new FormatPlan(Recipe.named(format), null);
        } catch (IllegalArgumentException e) {
            ProvidedFormat provided = new ProvidedFormats().named(format, String.valueOf(e.getMessage()));
            encodable(provided);
            return new FormatPlan(null, provided);
        }
    }

    private static WeightFormat format(String name) {
        try {
            return WeightFormats.byName(name);
        } catch (IllegalArgumentException e) {
            return new ProvidedFormats().named(name, String.valueOf(e.getMessage()));
        }
    }

    private static WeightFormat encodable(WeightFormat format) {
        if (!format.canEncode()) {
            throw new IllegalArgumentException("weights in %s can be read, but not written".formatted(format.name()));
        }
        return format;
    }

    /** @throws IllegalArgumentException if tensors in a GGUF file cannot have one of the formats */
    void requireGgufTypes() {
        Stream.concat(Stream.ofNullable(provided), exceptions.values().stream()).forEach(format -> {
            if (format instanceof ProvidedFormat own && own.ggufType().isEmpty()) {
                throw new IllegalArgumentException(
                        "the weight format %s has no type number in GGUF files (ggufType)".formatted(own));
            }
        });
    }

    int fileType() {
        return recipe == null ? GUESSED : recipe.fileType;
    }

    /** The name of the recipe or the format. */
    String name() {
        return provided == null ? String.valueOf(recipe) : provided.name();
    }

    /** The same matrices in the formats of this plan. */
    SequencedMap<String, Tensor> encoded(SequencedMap<String, Tensor> matrices, Map<String, float[]> importance) {
        Recipe.Model model = model(matrices, !importance.isEmpty());
        SequencedMap<String, Tensor> encoded = new LinkedHashMap<>();
        matrices.forEach((name, matrix) -> encoded.put(
                name, EncodedSource.of(matrix, format(name, matrix, model), importanceOf(name, importance))));
        return encoded;
    }

    private static float[] importanceOf(String name, Map<String, float[]> importance) {
        return Objects.requireNonNullElseGet(importance.get(name), () -> new float[0]);
    }

    private WeightFormat format(String name, Tensor matrix, Recipe.Model model) {
        TensorRole role = TensorRole.of(name);
        if (!role.isProduct()) {
            return WeightFormats.byName("F32");
        }
        return exceptions.entrySet().stream()
                .filter(exception -> exception.getKey().matcher(name).find())
                .findFirst()
                .map(exception -> Recipe.fitting(exception.getValue(), matrix.columns()))
                .orElseGet(() -> format(role, matrix.columns(), model));
    }

    private WeightFormat format(TensorRole role, int columns, Recipe.Model model) {
        return recipe == null
                ? Recipe.fitting(Objects.requireNonNull(provided), columns)
                : recipe.format(role, columns, model);
    }

    private static Recipe.Model model(SequencedMap<String, Tensor> matrices, boolean weighted) {
        int blocks = 1
                + matrices.keySet().stream()
                        .mapToInt(name -> TensorRole.of(name).block())
                        .max()
                        .orElse(-1);
        int predicted = blocks;
        for (String name : matrices.keySet()) {
            if (name.contains(".nextn.")) {
                predicted = Math.min(predicted, TensorRole.of(name).block());
            }
        }
        int group = matrices.keySet().stream()
                .filter(name -> name.endsWith(".attn_q.weight"))
                .findFirst()
                .map(name -> group(matrices, name))
                .orElse(1);
        return new Recipe.Model(blocks, predicted, !matrices.containsKey("output.weight"), group, weighted);
    }

    /** Query heads for each key head; a query head of Qwen3.5 has as many rows for its gate. */
    private static int group(SequencedMap<String, Tensor> matrices, String queries) {
        Tensor keys = matrices.get(queries.replace("attn_q", "attn_k"));
        Tensor found = Objects.requireNonNull(matrices.get(queries));
        return keys == null ? 1 : found.rows() / (2 * keys.rows());
    }
}
