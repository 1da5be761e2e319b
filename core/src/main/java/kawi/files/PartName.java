package kawi.files;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a file that has a part of a model, as {@code llama-gguf-split} gives it: {@code
 * model-00001-of-00003.gguf}.
 *
 * @param stem the name without number and extension: {@code model}
 * @param number of the part, from 1 on
 * @param count of all parts, at most {@link #MAX_PARTS}
 */
public record PartName(String stem, int number, int count) {

    /** Far more parts than any model has; all of them are open at the same time. */
    public static final int MAX_PARTS = 1000;

    private static final Pattern NAME = Pattern.compile("(?is)(.*)-(\\d{1,5})-of-(\\d{1,5})\\.gguf");

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
        int count = Integer.parseInt(matcher.group(3));
        return number >= 1 && number <= count && count <= MAX_PARTS
                ? Optional.of(new PartName(matcher.group(1), number, count))
                : Optional.empty();
    }

    /** The names of all parts for the name of one of them, in order; numbers are as long as in that name. */
    public static List<String> all(String name) {
        PartName part = of(name).orElseThrow(() -> new IllegalArgumentException(name + " is not the name of a part"));
        String extension = name.substring(name.length() - ".gguf".length());
        String numbers = name.substring(part.stem.length() + 1, name.length() - extension.length());
        int digits = numbers.indexOf('-');
        String rest = numbers.substring(digits);
        List<String> names = new ArrayList<>();
        for (int number = 1; number <= part.count; number++) {
            names.add("%s-%s%s%s".formatted(part.stem, padded(number, digits), rest, extension));
        }
        return names;
    }

    private static String padded(int number, int digits) {
        String text = String.valueOf(number);
        return "0".repeat(Math.max(0, digits - text.length())) + text;
    }
}
