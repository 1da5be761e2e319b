package kawi.constraint;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Every schema or pattern is compiled within a budget, or rejected with a specific message. */
class HostilePropertyTest {

    private static final long STEPS = 300_000;

    private static final List<String> ATOMS = List.of(
            "a", "b", ".", "\\p{L}", "[^a-z]", "[\\w\\d\\s]", "()", "(a|ab|b)", "a?", "\\u00e9", "^", "$", "{", "(?i)");
    private static final List<String> QUANTIFIERS =
            List.of("", "*", "+", "?", "{3}", "{0,40}", "{1000}", "{10000}", "{2,}", "{5,1000}", "*?");
    private static final List<String> LEAVES = List.of(
            "true",
            "false",
            "{\"type\":\"string\"}",
            "{\"type\":[\"integer\",\"string\"],\"minimum\":1.5}",
            "{\"enum\":[1,\"1\",null,{\"a\":[]}]}",
            "{\"const\":1.0}",
            "{\"minLength\":3,\"pattern\":\"(a|b)*c\"}",
            "{\"multipleOf\":7,\"maximum\":1000000}",
            "{\"maxProperties\":2}",
            "{\"required\":[\"a\",\"b\"]}");
    private static final List<String> COMBINING = List.of("allOf", "anyOf", "oneOf", "prefixItems");
    private static final List<String> CONTAINING = List.of("items", "additionalProperties");

    private static void endsWithinItsBudget(GrammarForm form) {
        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            try {
                Budget.run(STEPS, form::compile);
            } catch (IllegalArgumentException e) {
                String message = String.valueOf(e.getMessage());
                assertTrue(message.startsWith("JSON Schema") || message.startsWith("pattern"), message);
            }
        });
    }

    @Property(tries = 500)
    void patternsEnd(@ForAll long seed) {
        endsWithinItsBudget(new GrammarForm.Regex(pattern(new Random(seed), 5)));
    }

    @Property(tries = 500)
    void schemasEnd(@ForAll long seed) {
        var random = new Random(seed);
        endsWithinItsBudget(new GrammarForm.Schema("{\"$ref\":\"#/$defs/d0\",\"$defs\":{"
                + several(4, i -> "\"d%d\":%s".formatted(i, schema(random, 3))) + "}}"));
    }

    private static String pattern(Random random, int depth) {
        return switch (depth == 0 ? 0 : random.nextInt(4)) {
            case 0 -> one(random, ATOMS);
            case 1 -> "(" + pattern(random, depth - 1) + ")" + one(random, QUANTIFIERS);
            case 2 -> pattern(random, depth - 1) + pattern(random, depth - 1);
            default -> "(" + pattern(random, depth - 1) + "|" + pattern(random, depth - 1) + ")";
        };
    }

    /** A schema that may refer to the four definitions of the document. */
    private static String schema(Random random, int depth) {
        IntFunction<String> part = _ -> schema(random, depth - 1);
        int count = 1 + random.nextInt(3);
        return switch (depth == 0 ? random.nextInt(2) : random.nextInt(6)) {
            case 0 -> one(random, LEAVES);
            case 1 -> "{\"$ref\":\"#/$defs/d%d\"}".formatted(random.nextInt(4));
            case 2 -> "{\"%s\":[%s]}".formatted(one(random, COMBINING), several(count, part));
            case 3 -> "{\"%s\":%s,\"minItems\":2}".formatted(one(random, CONTAINING), part.apply(0));
            case 4 ->
                "{\"properties\":{%s}}"
                        .formatted(several(count, i -> "\"%c\":%s".formatted((char) ('a' + i), part.apply(i))));
            default -> "{\"allOf\":[%s],\"properties\":{\"a\":%s}}".formatted(several(count, part), part.apply(0));
        };
    }

    private static String one(Random random, List<String> of) {
        return of.get(random.nextInt(of.size()));
    }

    private static String several(int count, IntFunction<String> part) {
        return IntStream.range(0, count).mapToObj(part).collect(Collectors.joining(","));
    }
}
