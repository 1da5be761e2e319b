package kawi.cli;

import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import kawi.Prompt;
import kawi.SamplingPreset;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How to answer a prompt: an option for each that {@link Prompt} has. What is not given stays as the model has it. */
final class GenerationOptions {

    @Option(names = "--system", paramLabel = "TEXT", description = "A system message to put before the prompt.")
    private @Nullable String system;

    @Option(names = "--raw", description = "Continue the prompt as it is, without the chat template.")
    private boolean raw;

    @Option(
            names = "--thinking",
            negatable = true,
            description = "Think before answering, or do not. Default: what the chat template does by itself.")
    private @Nullable Boolean thinking;

    @Option(
            names = "--preset",
            paramLabel = "NAME",
            description = "Sampling as the Qwen3.5 model cards recommend: thinking, thinking-coding, thinking-vision, "
                    + "non-thinking, non-thinking-reasoning or non-thinking-vision. Options below change it.")
    private @Nullable String preset;

    @Option(names = "--temperature", paramLabel = "X", description = "0 always takes the most probable token.")
    private @Nullable Double temperature;

    @Option(names = "--top-k", paramLabel = "N", description = "Keep the N most probable tokens; 0 keeps all.")
    private @Nullable Integer topK;

    @Option(
            names = "--top-p",
            paramLabel = "X",
            description = "Keep the most probable tokens that together reach X; 1 keeps all.")
    private @Nullable Double topP;

    @Option(
            names = "--min-p",
            paramLabel = "X",
            description = "Keep tokens at least X times as probable as the first; 0 keeps all.")
    private @Nullable Double minP;

    @Option(names = "--typical-p", paramLabel = "X", description = "Locally typical sampling; 1 keeps all.")
    private @Nullable Double typicalP;

    @Option(
            names = "--repetition-penalty",
            paramLabel = "X",
            description = "Divide the logits of tokens that are there already; 1 is off.")
    private @Nullable Double repetitionPenalty;

    @Option(
            names = "--presence-penalty",
            paramLabel = "X",
            description = "Subtract from the logits of tokens in the answer; 0 is off.")
    private @Nullable Double presencePenalty;

    @Option(
            names = "--frequency-penalty",
            paramLabel = "X",
            description = "The same, as often as they occur; 0 is off.")
    private @Nullable Double frequencyPenalty;

    @Option(
            names = "--penalty-window",
            paramLabel = "N",
            description = "Penalties see the last N tokens. Default: all.")
    private @Nullable Integer penaltyWindow;

    @Option(
            names = "--logit-bias",
            paramLabel = "ID=X",
            converter = {IdConverter.class, BiasConverter.class},
            description = "Add X to the logit of token ID; -inf bans it. May be repeated.")
    private Map<Integer, Float> logitBias = Map.of();

    @Option(names = "--seed", paramLabel = "N", description = "Same seed, same text. Default: a new one each time.")
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

    /** Changes {@code prompt} as the options say. */
    Prompt applyTo(Prompt prompt) {
        try {
            Prompt p = prompt;
            p = with(p, preset, (on, name) -> on.preset(SamplingPreset.named(name)));
            p = with(p, temperature, Prompt::temperature);
            p = with(p, topK, Prompt::topK);
            p = with(p, topP, Prompt::topP);
            p = with(p, minP, Prompt::minP);
            p = with(p, typicalP, Prompt::typicalP);
            p = with(p, repetitionPenalty, Prompt::repetitionPenalty);
            p = with(p, presencePenalty, Prompt::presencePenalty);
            p = with(p, frequencyPenalty, Prompt::frequencyPenalty);
            p = with(p, penaltyWindow, Prompt::penaltyWindow);
            for (Map.Entry<Integer, Float> bias : logitBias.entrySet()) {
                p = p.logitBias(bias.getKey(), bias.getValue());
            }
            p = with(p, seed, Prompt::seed);
            p = with(p, maxTokens, Prompt::maxTokens);
            p = p.stop(stop.toArray(String[]::new));
            p = p.stopTokens(stopTokens.stream().mapToInt(Integer::intValue).toArray());
            p = with(p, system, Prompt::system);
            p = with(p, thinking, Prompt::thinking);
            p = raw ? p.raw() : p;
            return ignoreEnd ? p.ignoreEnd() : p;
        } catch (IllegalArgumentException e) {
            throw new UsageException(Failure.sentence(e), e);
        }
    }

    private static <T> Prompt with(Prompt prompt, @Nullable T value, BiFunction<Prompt, T, Prompt> option) {
        return value == null ? prompt : option.apply(prompt, value);
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
