package kawi;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * The options that determine how the next token is chosen from the logits. Instances are immutable; start with
 * {@link #defaults()}, {@link #greedy()} or a {@link SamplingPreset} and change individual options.
 *
 * {@snippet :
 *    Sampling sampling = Sampling.defaults().temperature(0.7).topK(20).topP(0.8).seed(7);
 * }
 *
 * <p>The options apply in the same order as in llama.cpp:
 *
 * <ol>
 *   <li>{@link #logitBias}, then {@link #repetitionPenalty}, then {@link #frequencyPenalty} and
 *       {@link #presencePenalty} change the logits; then each
 *       {@link LogitsProcessor}.
 *   <li>{@link #topK}, {@link #typicalP}, {@link #topP} and {@link #minP} remove candidates, each based on the
 *       probabilities (at temperature 1) of the candidates that remain.
 *   <li>{@link #temperature} divides the remaining logits and one candidate is drawn from their softmax. Since it is
 *   last,
 *       the temperature does not affect which candidates remain. (Hugging Face's generation applies the temperature
 *       first, so that a high temperature also widens the filters.)
 * </ol>
 *
 * Of equal logits, the lower token id counts as more probable. The same seed and logits produce the same tokens on
 * every JVM and CPU.
 *
 * @param temperature divides the logits before the draw; 0 always selects the most probable candidate. Default 1
 * @param topK keeps the {@code topK} most probable tokens; 0 keeps all. Default 0
 * @param topP keeps the most probable tokens that together reach the probability {@code topP} (nucleus sampling,
 *     Holtzman et al., 2020); 1 keeps all. Default 1
 * @param minP keeps tokens at least {@code minP} times as probable as the most probable one (Nguyen et al., 2024); 0
 *     keeps all. Default 0
 * @param typicalP keeps the tokens whose surprisal is closest to the entropy and that together reach the
 *     probability {@code typicalP} (locally typical sampling, Meister et al., 2023); 1 keeps all. Default 1
 * @param repetitionPenalty once per distinct token of the prompt and the output, a positive logit is divided by it and
 *     a negative one multiplied (Keskar et al., 2019); 1 is off. Default 1
 * @param presencePenalty subtracted once from the logit of each distinct token of the output; the prompt does not count
 *     (the meaning of OpenAI and vLLM). 0 is off. Default 0
 * @param frequencyPenalty subtracted from the logit of each token of the output as often as it occurs there; the prompt
 *     does not count. 0 is off. Default 0
 * @param penaltyWindow the three penalties see only the last {@code penaltyWindow} tokens of prompt and output
 *     together. Default {@link #WHOLE_SEQUENCE}, the meaning of OpenAI and vLLM, for which the
 *     recommended settings of Qwen3.5 are given
 * @param logitBias added to the logits of these token ids; negative infinity bans a token. Default none
 * @param seed starts the random numbers; when absent, every generation draws a new one and reports it. Default absent
 */
public record Sampling(
        double temperature,
        int topK,
        double topP,
        double minP,
        double typicalP,
        double repetitionPenalty,
        double presencePenalty,
        double frequencyPenalty,
        int penaltyWindow,
        Map<Integer, Float> logitBias,
        OptionalLong seed) {

    /** The {@link #penaltyWindow} that includes all tokens. */
    public static final int WHOLE_SEQUENCE = Integer.MAX_VALUE;

    private static final Sampling DEFAULTS =
            new Sampling(1, 0, 1, 0, 1, 1, 0, 0, WHOLE_SEQUENCE, Map.of(), OptionalLong.empty());

    /**
     * Creates sampling options.
     *
     * @throws IllegalArgumentException if a value is out of range; the message names the option, the value and the
     *     range
     */
    public Sampling {
        require(
                temperature >= 0 && temperature < Double.POSITIVE_INFINITY,
                "temperature",
                temperature,
                "0 (always the most probable token) or a positive number");
        require(topK >= 0, "topK", topK, "0 (keep all tokens) or a positive number");
        require(topP > 0 && topP <= 1, "topP", topP, "above 0 and at most 1 (keep all tokens)");
        require(minP >= 0 && minP <= 1, "minP", minP, "between 0 (keep all tokens) and 1");
        require(typicalP > 0 && typicalP <= 1, "typicalP", typicalP, "above 0 and at most 1 (keep all tokens)");
        require(
                repetitionPenalty > 0 && repetitionPenalty < Double.POSITIVE_INFINITY,
                "repetitionPenalty",
                repetitionPenalty,
                "a positive number (1 is off)");
        require(Double.isFinite(presencePenalty), "presencePenalty", presencePenalty, "a finite number (0 is off)");
        require(Double.isFinite(frequencyPenalty), "frequencyPenalty", frequencyPenalty, "a finite number (0 is off)");
        require(
                penaltyWindow > 0,
                "penaltyWindow",
                penaltyWindow,
                "a positive number of tokens (penalties are switched off by their own values)");
        logitBias = Map.copyOf(logitBias);
        logitBias.forEach((token, bias) -> {
            require(token >= 0, "a token of logitBias", token, "a token id of 0 or more");
            require(
                    bias < Float.POSITIVE_INFINITY,
                    "logitBias of token " + token,
                    bias,
                    "a finite number or negative infinity (ban the token)");
        });
    }

    private static void require(boolean allowed, String option, Object found, String range) {
        if (!allowed) {
            throw new IllegalArgumentException(option + " is " + found + "; it must be " + range);
        }
    }

    /**
     * Returns the options for the unmodified distribution of the model: temperature 1, all others off, a random seed.
     */
    public static Sampling defaults() {
        return DEFAULTS;
    }

    /** Returns the options to always select the most probable token: temperature 0, all others off. */
    public static Sampling greedy() {
        return DEFAULTS.temperature(0);
    }

    /** Returns these options with another {@link #temperature}. */
    public Sampling temperature(double value) {
        return with(draft -> draft.temperature = value);
    }

    /** Returns these options with another {@link #topK}. */
    public Sampling topK(int value) {
        return with(draft -> draft.topK = value);
    }

    /** Returns these options with another {@link #topP}. */
    public Sampling topP(double value) {
        return with(draft -> draft.topP = value);
    }

    /** Returns these options with another {@link #minP}. */
    public Sampling minP(double value) {
        return with(draft -> draft.minP = value);
    }

    /** Returns these options with another {@link #typicalP}. */
    public Sampling typicalP(double value) {
        return with(draft -> draft.typicalP = value);
    }

    /** Returns these options with another {@link #repetitionPenalty}. */
    public Sampling repetitionPenalty(double value) {
        return with(draft -> draft.repetitionPenalty = value);
    }

    /** Returns these options with another {@link #presencePenalty}. */
    public Sampling presencePenalty(double value) {
        return with(draft -> draft.presencePenalty = value);
    }

    /** Returns these options with another {@link #frequencyPenalty}. */
    public Sampling frequencyPenalty(double value) {
        return with(draft -> draft.frequencyPenalty = value);
    }

    /** Returns these options with another {@link #penaltyWindow}. */
    public Sampling penaltyWindow(int tokens) {
        return with(draft -> draft.penaltyWindow = tokens);
    }

    /** Returns these options with other {@link #logitBias biases}. */
    public Sampling logitBias(Map<Integer, Float> biases) {
        return with(draft -> draft.logitBias = biases);
    }

    /** Returns these options with the {@link #logitBias} of one token added or replaced. */
    public Sampling logitBias(int token, float bias) {
        var biases = new HashMap<>(logitBias);
        biases.put(token, bias);
        return logitBias(biases);
    }

    /** Returns these options with another {@link #seed}, or with none. */
    public Sampling seed(OptionalLong value) {
        return with(draft -> draft.seed = value);
    }

    /** Returns these options with another {@link #seed}. */
    public Sampling seed(long value) {
        return seed(OptionalLong.of(value));
    }

    private Sampling with(Consumer<Draft> change) {
        var draft = new Draft(this);
        change.accept(draft);
        return draft.finish();
    }

    /** A mutable copy of the options. */
    private static final class Draft {
        double temperature;
        int topK;
        double topP;
        double minP;
        double typicalP;
        double repetitionPenalty;
        double presencePenalty;
        double frequencyPenalty;
        int penaltyWindow;
        Map<Integer, Float> logitBias;
        OptionalLong seed;

        Draft(Sampling from) {
            temperature = from.temperature;
            topK = from.topK;
            topP = from.topP;
            minP = from.minP;
            typicalP = from.typicalP;
            repetitionPenalty = from.repetitionPenalty;
            presencePenalty = from.presencePenalty;
            frequencyPenalty = from.frequencyPenalty;
            penaltyWindow = from.penaltyWindow;
            logitBias = from.logitBias;
            seed = from.seed;
        }

        Sampling finish() {
            return new Sampling(
                    temperature,
                    topK,
                    topP,
                    minP,
                    typicalP,
                    repetitionPenalty,
                    presencePenalty,
                    frequencyPenalty,
                    penaltyWindow,
                    logitBias,
                    seed);
        }
    }
}
