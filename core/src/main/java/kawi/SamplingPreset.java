package kawi;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The settings that the Qwen3.5 model cards recommend, by mode and task.
 *
 * <p>The cards of 0.8B and 2B and those of 4B and 9B differ. Where a card has no row for a task, its general row for
 * the mode stands. All have {@code topK} 20 and no other option on.
 *
 * <pre>
 *                                   0.8B, 2B                          4B, 9B
 *                             temperature  topP  presence      temperature  topP  presence
 *    thinking                    1.0       0.95    1.5            1.0       0.95    1.5
 *    thinking-coding             0.6       0.95    0              0.6       0.95    0
 *    thinking-vision             0.6       0.95    0              1.0       0.95    1.5
 *    non-thinking                1.0       1       2.0            0.7       0.8     1.5
 *    non-thinking-reasoning      1.0       1       2.0            1.0       0.95    1.5
 *    non-thinking-vision         0.7       0.8     1.5            0.7       0.8     1.5
 * </pre>
 */
public enum SamplingPreset {
    /** Thinking, general text. */
    THINKING("thinking"),
    /** Thinking, precise coding. */
    THINKING_CODING("thinking-coding"),
    /** Thinking, images and video. */
    THINKING_VISION("thinking-vision"),
    /** Not thinking, general text. */
    NON_THINKING("non-thinking"),
    /** Not thinking, reasoning tasks. */
    NON_THINKING_REASONING("non-thinking-reasoning"),
    /** Not thinking, images and video. */
    NON_THINKING_VISION("non-thinking-vision");

    private static final Sampling EXPLORING = row(1.0, 1, 2.0);
    private static final Sampling GENERAL = row(1.0, 0.95, 1.5);
    private static final Sampling FOCUSED = row(0.7, 0.8, 1.5);
    private static final Sampling PRECISE = row(0.6, 0.95, 0);

    /** Between the 2B and the 4B model. */
    private static final long LARGE = 3_000_000_000L;

    /** Below this no card speaks of a model. */
    private static final long SMALLEST = 300_000_000L;

    private final String presetName;

    SamplingPreset(String presetName) {
        this.presetName = presetName;
    }

    private static Sampling row(double temperature, double topP, double presencePenalty) {
        return Sampling.defaults().temperature(temperature).topK(20).topP(topP).presencePenalty(presencePenalty);
    }

    /**
     * This preset's settings for a Qwen3.5 model of a given size.
     *
     * @param parameters the model's parameter count; below three thousand million the cards of 0.8B and 2B apply
     */
    public Sampling forQwen35(long parameters) {
        boolean large = !isSmall(parameters);
        return switch (this) {
            case THINKING -> GENERAL;
            case THINKING_CODING -> PRECISE;
            case THINKING_VISION -> large ? GENERAL : PRECISE;
            case NON_THINKING -> large ? FOCUSED : EXPLORING;
            case NON_THINKING_REASONING -> large ? GENERAL : EXPLORING;
            case NON_THINKING_VISION -> FOCUSED;
        };
    }

    /** Whether the cards speak of a model of this size at all. */
    public static boolean appliesTo(long parameters) {
        return parameters >= SMALLEST;
    }

    /** Whether the cards of 0.8B and 2B apply to a model of this size. */
    public static boolean isSmall(long parameters) {
        return parameters < LARGE;
    }

    /**
     * The preset of that name, such as {@code thinking-coding}.
     *
     * @throws IllegalArgumentException if there is none; the message lists the names
     */
    public static SamplingPreset named(String name) {
        for (var preset : values()) {
            if (preset.presetName.equals(name)) {
                return preset;
            }
        }
        throw new IllegalArgumentException("unknown sampling preset \"" + name + "\"; the presets are "
                + Arrays.stream(values()).map(SamplingPreset::toString).collect(Collectors.joining(", ")));
    }

    /** The name that {@link #named} knows, such as {@code thinking-coding}. */
    @Override
    public String toString() {
        return presetName;
    }
}
