package kawi;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * A task for which model developers recommend sampling options. {@link Model#sampling(SamplingPreset)} returns the
 * options recommended for a model.
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

    private final String presetName;

    SamplingPreset(String presetName) {
        this.presetName = presetName;
    }

    /**
     * Returns the preset with the given name, such as {@code thinking-coding}.
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

    /** Returns the name that {@link #named} accepts, such as {@code thinking-coding}. */
    @Override
    public String toString() {
        return presetName;
    }
}
