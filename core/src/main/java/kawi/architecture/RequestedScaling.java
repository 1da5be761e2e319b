package kawi.architecture;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A scaling of positions that the user of a model asks for, in place of that of the model's files.
 *
 * <pre>
 *    none              the positions that the model was trained on, without scaling
 *    yarn:4            four times as many positions by {@link RopeScaling.Yarn}, with its usual parameters
 *    yarn:4:32768      four times 32768, if the files do not state the positions of the training
 * </pre>
 *
 * @param factor 1 for none
 * @param originalLength the positions of the training, or 0 for those of the model's files
 */
public record RequestedScaling(double factor, int originalLength) {

    private static final String FORMS =
            "none, or yarn:FACTOR as in yarn:4, or yarn:FACTOR:POSITIONS as in yarn:4:262144";

    /**
     * Reads a request; null for {@code auto}, the scaling of the model's files.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static @Nullable RequestedScaling of(String text) {
        String[] parts = text.strip().toLowerCase(Locale.ROOT).split(":", -1);
        if (parts.length == 1 && parts[0].equals("auto")) {
            return null;
        }
        if (parts.length == 1 && parts[0].equals("none")) {
            return new RequestedScaling(1, 0);
        }
        if (!parts[0].equals("yarn") || parts.length < 2 || parts.length > 3) {
            throw new IllegalArgumentException("ropeScaling is \"%s\"; it must be auto, %s".formatted(text, FORMS));
        }
        try {
            double factor = Double.parseDouble(parts[1]);
            int length = parts.length == 2 ? 0 : Integer.parseInt(parts[2]);
            if (!(factor > 1 && factor <= SizeCheck.MAX_SIZE) || (parts.length == 3 && length < 1)) {
                throw new IllegalArgumentException(
                        "ropeScaling is \"%s\"; the factor must be greater than 1, at most %d, and the positions positive"
                                .formatted(text, SizeCheck.MAX_SIZE));
            }
            return new RequestedScaling(factor, length);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("ropeScaling is \"%s\"; it must be auto, %s".formatted(text, FORMS), e);
        }
    }

    /**
     * The scaling of a model.
     *
     * @param ofFile the scaling in its files
     * @param contextLength the longest sequence with that
     */
    public RopeScaling scaling(RopeScaling ofFile, int contextLength) {
        if (factor == 1) {
            return RopeScaling.NONE;
        }
        return new RopeScaling.Yarn(
                factor,
                RopeScaling.Yarn.magnitude(factor, 1),
                originalLength == 0 ? ofFile.originalLength(contextLength) : originalLength,
                RopeScaling.Yarn.BETA_FAST,
                RopeScaling.Yarn.BETA_SLOW,
                true);
    }
}
