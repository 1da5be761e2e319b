package kawi.tokenizer;

import java.util.List;
import java.util.stream.Stream;

/** The ids that a post-processor adds before and after those of a text, such as the token for its beginning. */
record Affixes(List<Integer> before, List<Integer> after) {

    static final Affixes NONE = new Affixes(List.of(), List.of());

    Affixes {
        before = List.copyOf(before);
        after = List.copyOf(after);
    }

    List<Integer> all() {
        return Stream.concat(before.stream(), after.stream()).toList();
    }
}
