package kawi.cli;

import java.util.Arrays;
import kawi.json.JsonValue;

/** Token ids as people and files write them. */
final class TokenIds {

    private TokenIds() {}

    /**
     * The ids in a list that blanks, commas or brackets divide: {@code 1 2 3}, {@code 1,2,3}, {@code [1, 2, 3]}.
     *
     * @throws IllegalArgumentException if something else is among them
     */
    static int[] parse(String list) {
        return Arrays.stream(list.split("[\\s,\\[\\]]+"))
                .filter(id -> !id.isEmpty())
                .mapToInt(TokenIds::id)
                .toArray();
    }

    private static int id(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("\"%s\" is not a token id".formatted(text), e);
        }
    }

    /**
     * The ids in a JSON array.
     *
     * @param source where it comes from, for the message
     * @throws IllegalArgumentException if it is not an array of integers
     */
    static int[] of(JsonValue array, String source) {
        if (!array.isArray()) {
            throw new IllegalArgumentException("%s: expected an array of token ids, found %s"
                    .formatted(source, Texts.shortened(array.toString())));
        }
        int[] ids = new int[array.size()];
        for (int i = 0; i < ids.length; i++) {
            JsonValue id = array.path(i);
            if (!id.isIntegralNumber() || !id.canConvertToInt()) {
                throw new IllegalArgumentException(
                        "%s: element %d is %s, not a token id".formatted(source, i, Texts.shortened(id.toString())));
            }
            ids[i] = id.intValue();
        }
        return ids;
    }
}
