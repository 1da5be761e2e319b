package kawi.cli;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Token ids as text and as JSON. */
final class TokenIds {

    private TokenIds() {}

    /**
     * Parses a list of ids separated by white space, commas or brackets: {@code 1 2 3}, {@code 1,2,3},
     * {@code [1, 2, 3]}.
     *
     * @throws IllegalArgumentException if the list contains anything else
     */
    static int[] parse(String list) {
        return Arrays.stream(list.split("[\\s,\\[\\]]+"))
                .filter(id -> !id.isEmpty())
                .mapToInt(TokenIds::id)
                .toArray();
    }

    /**
     * Parses a list of ids on the command line.
     *
     * @throws UsageException if the list contains anything else
     */
    static int[] ofArguments(String list) {
        try {
            return parse(list);
        } catch (IllegalArgumentException e) {
            throw new UsageException(Failure.sentence(e), e);
        }
    }

    private static int id(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("\"%s\" is not a token id".formatted(text), e);
        }
    }

    /**
     * Returns the ids in a JSON array.
     *
     * @param json a value from {@link Json#read}
     * @param source the name of the document, for the message
     * @throws IllegalArgumentException if it is not an array of integers
     */
    static int[] of(@Nullable Object json, String source) {
        if (!(json instanceof List<?> array)) {
            throw new IllegalArgumentException(
                    "%s: expected an array of token ids, found %s".formatted(source, Texts.shortened(Json.text(json))));
        }
        int[] ids = new int[array.size()];
        for (int i = 0; i < ids.length; i++) {
            if (!(array.get(i) instanceof Integer id)) {
                throw new IllegalArgumentException("%s: element %d is %s, not a token id"
                        .formatted(source, i, Texts.shortened(Json.text(array.get(i)))));
            }
            ids[i] = id;
        }
        return ids;
    }
}
