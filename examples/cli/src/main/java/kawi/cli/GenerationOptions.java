package kawi.cli;

import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import kawi.AnswerOptions;
import kawi.Prompt;
import kawi.SamplingPreset;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options of answers. Options that are not given keep the default of the model. */
final class GenerationOptions {

    @Option(
            names = "--thinking",
            negatable = true,
            description = "Think before answering, or not. Default: decided by the chat template.")
    private @Nullable Boolean thinking;

    @Option(
            names = "--thinking-budget",
            paramLabel = "N",
            description = "End thinking after N tokens, at the end of the sentence.")
    private @Nullable Integer thinkingBudget;

    @Option(
            names = "--template-variable",
            paramLabel = "NAME=JSON",
            description = "Set a variable of the chat template, such as preserve_thinking=true. A value that is not "
                    + "JSON is a text. May be repeated.")
    private Map<String, String> templateVariables = Map.of();

    @Option(
            names = "--loop-guard",
            negatable = true,
            description = "End an answer that repeats itself, or not. Default: only for models below 3 billion "
                    + "parameters.")
    private @Nullable Boolean loopGuard;

    @Option(
            names = "--preset",
            paramLabel = "NAME",
            completionCandidates = Presets.class,
            description = "Sampling as the Qwen3.5 model cards recommend: thinking, thinking-coding, thinking-vision, "
                    + "non-thinking, non-thinking-reasoning or non-thinking-vision. The following options override it.")
    private @Nullable String preset;

    @Option(names = "--temperature", paramLabel = "X", description = "0 always selects the most probable token.")
    private @Nullable Double temperature;

    @Option(names = "--top-k", paramLabel = "N", description = "Keep the N most probable tokens; 0 keeps all.")
    private @Nullable Integer topK;

    @Option(
            names = "--top-p",
            paramLabel = "X",
            description = "Keep the most probable tokens whose probabilities add up to X; 1 keeps all.")
    private @Nullable Double topP;

    @Option(
            names = "--min-p",
            paramLabel = "X",
            description = "Keep tokens at least X times as probable as the most probable one; 0 keeps all.")
    private @Nullable Double minP;

    @Option(names = "--typical-p", paramLabel = "X", description = "Locally typical sampling; 1 keeps all.")
    private @Nullable Double typicalP;

    @Option(
            names = "--repetition-penalty",
            paramLabel = "X",
            description = "Divide the logits of tokens that have occurred; 1 is off.")
    private @Nullable Double repetitionPenalty;

    @Option(
            names = "--presence-penalty",
            paramLabel = "X",
            description = "Subtract X from the logits of tokens in the answer; 0 is off.")
    private @Nullable Double presencePenalty;

    @Option(
            names = "--frequency-penalty",
            paramLabel = "X",
            description = "Subtract X once for each occurrence in the answer; 0 is off.")
    private @Nullable Double frequencyPenalty;

    @Option(
            names = "--penalty-window",
            paramLabel = "N",
            description = "Penalties apply to the last N tokens. Default: all.")
    private @Nullable Integer penaltyWindow;

    @Option(
            names = "--logit-bias",
            paramLabel = "ID=X",
            converter = {IdConverter.class, BiasConverter.class},
            description = "Add X to the logit of token ID; -inf bans it. May be repeated.")
    private Map<Integer, Float> logitBias = Map.of();

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "The same seed produces the same text. Default: a random seed.")
    private @Nullable Long seed;

    @Option(
            names = {"-n", "--max-tokens"},
            paramLabel = "N",
            description = "End after N tokens. Default: " + Prompt.DEFAULT_MAX_TOKENS + ".")
    private @Nullable Integer maxTokens;

    @Option(names = "--stop", paramLabel = "TEXT", description = "End before this text. May be repeated.")
    private List<String> stop = List.of();

    @Option(names = "--stop-token", paramLabel = "ID", description = "End at this token. May be repeated.")
    private List<Integer> stopTokens = List.of();

    @Option(names = "--ignore-eos", description = "Go on past the model's end tokens.")
    private boolean ignoreEnd;

    /**
     * What is to be answered, with these options.
     *
     * @throws UsageException if one of them has an invalid value
     */
    <S extends AnswerOptions<S>> S applyTo(S options) {
        try {
            S o = options;
            o = with(o, preset, (on, name) -> on.preset(SamplingPreset.named(name)));
            o = with(o, temperature, AnswerOptions::temperature);
            o = with(o, topK, AnswerOptions::topK);
            o = with(o, topP, AnswerOptions::topP);
            o = with(o, minP, AnswerOptions::minP);
            o = with(o, typicalP, AnswerOptions::typicalP);
            o = with(o, repetitionPenalty, AnswerOptions::repetitionPenalty);
            o = with(o, presencePenalty, AnswerOptions::presencePenalty);
            o = with(o, frequencyPenalty, AnswerOptions::frequencyPenalty);
            o = with(o, penaltyWindow, AnswerOptions::penaltyWindow);
            for (Map.Entry<Integer, Float> bias : logitBias.entrySet()) {
                o = o.logitBias(bias.getKey(), bias.getValue());
            }
            o = with(o, seed, AnswerOptions::seed);
            o = with(o, maxTokens, AnswerOptions::maxTokens);
            o = o.stop(stop.toArray(String[]::new));
            o = o.stopTokens(stopTokens.stream().mapToInt(Integer::intValue).toArray());
            o = with(o, thinking, AnswerOptions::thinking);
            o = with(o, thinkingBudget, AnswerOptions::thinkingBudget);
            o = with(o, loopGuard, AnswerOptions::loopGuard);
            for (Map.Entry<String, String> variable : templateVariables.entrySet()) {
                o = o.templateVariable(variable.getKey(), value(variable.getKey(), variable.getValue()));
            }
            return ignoreEnd ? o.ignoreEnd() : o;
        } catch (IllegalArgumentException e) {
            throw new UsageException(Failure.sentence(e), e);
        }
    }

    /** The value of a template variable: what begins like a JSON object, array or string must be one. */
    private static @Nullable Object value(String name, String text) {
        try {
            return Json.read(text, "the value of --template-variable " + name);
        } catch (IllegalArgumentException e) {
            if (text.startsWith("{") || text.startsWith("[") || text.startsWith("\"")) {
                throw e;
            }
            return text;
        }
    }

    /** Returns the seed, or null if none was given. */
    @Nullable Long seed() {
        return seed;
    }

    private static <S extends AnswerOptions<S>, T> S with(S options, @Nullable T value, BiFunction<S, T, S> option) {
        return value == null ? options : option.apply(options, value);
    }

    /** The values of {@code --preset}. */
    static final class Presets extends Candidates {
        Presets() {
            super(List.of(
                    "thinking",
                    "thinking-coding",
                    "thinking-vision",
                    "non-thinking",
                    "non-thinking-reasoning",
                    "non-thinking-vision"));
        }
    }

    /** The key of a {@code --logit-bias}. */
    static final class IdConverter implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String value) {
            try {
                return Integer.valueOf(value);
            } catch (NumberFormatException e) {
                throw new TypeConversionException("\"%s\" is not a token id".formatted(value));
            }
        }
    }

    /** The value of a {@code --logit-bias}. */
    static final class BiasConverter implements ITypeConverter<Float> {
        @Override
        public Float convert(String value) {
            try {
                return value.equals("-inf") ? Float.NEGATIVE_INFINITY : Float.valueOf(value);
            } catch (NumberFormatException e) {
                throw new TypeConversionException("\"%s\" is neither a number nor -inf".formatted(value));
            }
        }
    }
}
