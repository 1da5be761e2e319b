package kawi.quantize;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import kawi.quant.Tensor;
import kawi.quant.WeightFormat;
import kawi.quant.WeightFormats;

/** The formats of the matrices of a model: those of a recipe, and exceptions by name. */
public final class FormatPlan {

    private final Recipe recipe;

    /** Formats by patterns of names; the first that is found in a name counts. */
    private final SequencedMap<Pattern, WeightFormat> exceptions = new LinkedHashMap<>();

    private FormatPlan(Recipe recipe) {
        this.recipe = recipe;
    }

    /**
     * A plan.
     *
     * @param format the name of a recipe
     * @param exceptions the names of formats by regular expressions, which are searched for in the names of matrices
     * @throws IllegalArgumentException if there is no such recipe or format, or an expression is invalid
     */
    public static FormatPlan of(String format, Map<String, String> exceptions) {
        FormatPlan plan = new FormatPlan(Recipe.named(format));
        exceptions.forEach((pattern, name) -> {
            WeightFormat exception = WeightFormats.byName(name);
            if (!exception.canEncode()) {
                throw new IllegalArgumentException("weights in %s can be read, but not written".formatted(name));
            }
            try {
                plan.exceptions.put(Pattern.compile(pattern), exception);
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException(
                        "\"%s\" is not a regular expression: %s".formatted(pattern, e.getDescription()), e);
            }
        });
        return plan;
    }

    int fileType() {
        return recipe.fileType;
    }

    /** The name of the recipe. */
    String name() {
        return recipe.name();
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
                .orElseGet(() -> recipe.format(role, matrix.columns(), model));
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
