package kawi.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * The JSON that Jackson writes for a value is read as that value, and possible output of a model is read or rejected.
 */
class AnswerTypePropertyTest {

    private static final JsonMapper JACKSON = JsonMapper.builder().build();

    enum Colour {
        RED,
        GREEN
    }

    record Leaf(
            String text,
            char letter,
            byte b,
            long l,
            BigInteger big,
            BigDecimal decimal,
            float f,
            double d,
            boolean flag,
            Colour colour,
            LocalDate date,
            UUID uuid) {}

    record Tree(
            Leaf leaf,
            List<Tree> children,
            Map<String, Integer> counts,
            Map<Colour, String> names,
            Optional<Leaf> other,
            @Nullable String note,
            List<List<Double>> table) {}

    private static final AnswerType<Tree> TREE = AnswerType.of(Tree.class);
    private static final Parameters PARAMETERS = Parameters.of(Tree.class);

    private static Arbitrary<Character> letters() {
        return Arbitraries.chars().filter(letter -> !Character.isSurrogate(letter));
    }

    private static Arbitrary<String> texts() {
        return Arbitraries.oneOf(
                letters().list().ofMaxSize(8).map(AnswerTypePropertyTest::joined),
                Arbitraries.of("", "null", "12", "true", "{\"a\":1}", "\"", "\\", "\n\t\u0000", "😀", "<parameter=x>"));
    }

    private static String joined(List<Character> letters) {
        return letters.stream().map(String::valueOf).collect(Collectors.joining());
    }

    private static Arbitrary<Leaf> leaves() {
        var exact = Combinators.combine(
                texts(),
                letters(),
                Arbitraries.bytes(),
                Arbitraries.oneOf(Arbitraries.longs(), Arbitraries.of(Long.MIN_VALUE, Long.MAX_VALUE)),
                Arbitraries.bigIntegers(),
                Arbitraries.bigDecimals(),
                Arbitraries.floats(),
                Arbitraries.oneOf(Arbitraries.doubles(), Arbitraries.of(Double.MIN_VALUE, Double.MAX_VALUE, 1e22)));
        return exact.flatAs((text, letter, b, l, big, decimal, f, d) -> Combinators.combine(
                        Arbitraries.of(true, false),
                        Arbitraries.of(Colour.class),
                        Arbitraries.longs().between(-700_000, 2_900_000).map(LocalDate::ofEpochDay),
                        Arbitraries.longs().map(bits -> new UUID(bits, ~bits)))
                .as((flag, colour, date, uuid) ->
                        new Leaf(text, letter, b, l, big, decimal, f, d, flag, colour, date, uuid)));
    }

    @Provide
    Arbitrary<Tree> trees() {
        return trees(2);
    }

    private static Arbitrary<Tree> trees(int depth) {
        var children = depth == 0
                ? Arbitraries.just(List.<Tree>of())
                : trees(depth - 1).list().ofMaxSize(2);
        return Combinators.combine(
                        leaves(),
                        children,
                        Arbitraries.maps(texts(), Arbitraries.integers()).ofMaxSize(3),
                        Arbitraries.maps(Arbitraries.of(Colour.class), texts()),
                        leaves().optional(),
                        texts().injectNull(0.5),
                        Arbitraries.doubles().list().ofMaxSize(2).list().ofMaxSize(2))
                .as(Tree::new);
    }

    @Property(tries = 40, edgeCases = EdgeCasesMode.NONE)
    void whatJacksonWritesIsReadAsTheSameValue(@ForAll("trees") Tree tree) {
        assertEquals(tree, TREE.read(JACKSON.writeValueAsString(tree)));
    }

    @Property(tries = 40, edgeCases = EdgeCasesMode.NONE)
    void whatAToolGivesIsReadAsTheSameValue(@ForAll("trees") Tree tree) {
        assertEquals(tree, TREE.read(ResultText.of(tree)));
    }

    @Property(tries = 40, edgeCases = EdgeCasesMode.NONE)
    void argumentsAreTheSameAsTextBetweenTagsAndAsJson(@ForAll("trees") Tree tree) {
        var raw = new LinkedHashMap<String, String>();
        JACKSON.valueToTree(tree).properties().forEach(property -> {
            var value = property.getValue();
            if (!value.isNull()) {
                raw.put(property.getKey(), value.isString() ? value.stringValue() : value.toString());
            }
        });
        var arguments = PARAMETERS.ofText(raw);
        assertEquals(tree, PARAMETERS.read(arguments));
        assertEquals(arguments, PARAMETERS.ofJson(arguments));
    }

    @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
    void damagedArgumentsAreReadOrRefusedInASentence(@ForAll("trees") Tree tree, @ForAll long seed) {
        var json = new StringBuilder(JACKSON.writeValueAsString(tree));
        var places = new Random(seed);
        for (int i = 0; i < 3; i++) {
            int at = places.nextInt(json.length());
            json.setCharAt(at, "{}[]\",:0x-e ".charAt(places.nextInt(12)));
        }
        try {
            PARAMETERS.read(json.toString());
        } catch (MismatchException e) {
            assertTrue(String.valueOf(e.getMessage()).length() > 10);
        }
    }
}
