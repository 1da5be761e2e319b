package kawi.files;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The name of a file that has a part of a model, as {@code llama-gguf-split} gives it: {@code
 * model-00001-of-00003.gguf}.
 *
 * @param stem what is before the number: {@code model-}
 * @param number of the part, from 1 on
 * @param digits the least number of digits of a number
 * @param count of all parts, at most {@link #MAX_PARTS}
 * @param rest what is after the number: {@code -of-00003.gguf}
 */
public record PartName(String stem, int number, int digits, int count, String rest) {

    /** Far more parts than any model has; all of them are open at the same time. */
    public static final int MAX_PARTS = 1000;

    private static final Pattern NAME = Pattern.compile("(?is)(.*-)(\\d{1,5})(-of-(\\d{1,5})\\.gguf)");

    /**
     * The parts of a name or path of a file.
     *
     * @return empty if it does not have this form, or the numbers make no sense
     */
    public static Optional<PartName> of(String name) {
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int number = Integer.parseInt(matcher.group(2));
        int count = Integer.parseInt(matcher.group(4));
        return number >= 1 && number <= count && count <= MAX_PARTS
                ? Optional.of(
                        new PartName(matcher.group(1), number, matcher.group(2).length(), count, matcher.group(3)))
                : Optional.empty();
    }

    /** The name of the part with another number. */
    public String name(int number) {
        String text = String.valueOf(number);
        return stem + "0".repeat(Math.max(0, digits - text.length())) + text + rest;
    }

    /** The names of all parts, in order. */
    public List<String> all() {
        return IntStream.rangeClosed(1, count).mapToObj(this::name).toList();
    }
}
