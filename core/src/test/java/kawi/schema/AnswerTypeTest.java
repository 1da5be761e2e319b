package kawi.schema;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import kawi.AnswerException;
import kawi.Description;
import kawi.Matches;
import kawi.Name;
import kawi.Range;
import kawi.Size;
import kawi.TypeOf;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AnswerTypeTest {

    private static void schemaIs(String expected, Class<?> type) {
        assertEquals(expected.replace("\n", ""), AnswerType.of(type).schemaText());
    }

    private static String refused(AnswerType<?> type, String json) {
        return String.valueOf(
                assertThrows(AnswerException.class, () -> type.read(json)).getMessage());
    }

    record Recipe(String title, List<String> steps) {}

    @Test
    void aRecordIsAClosedObject() {
        schemaIs("""
                {"type":"object","properties":{"title":{"type":"string"},
                "steps":{"type":"array","items":{"type":"string"}}},
                "required":["title","steps"],"additionalProperties":false}""", Recipe.class);
        assertEquals(
                new Recipe("Tea", List.of("boil", "pour \"slowly\"\n")),
                AnswerType.of(Recipe.class)
                        .read("{\"title\":\"Tea\",\"steps\":[\"boil\",\"pour \\\"slowly\\\"\\n\"]}"));
    }

    private record Hidden(int number) {}

    @Test
    void privateAndLocalRecordsAreReadAsOthers() {
        record Local(Hidden hidden) {}
        assertEquals(new Local(new Hidden(7)), AnswerType.of(Local.class).read("{\"hidden\":{\"number\":7}}"));
    }

    record Numbers(byte b, Short s, int i, long l, BigInteger big, float f, double d, BigDecimal decimal) {}

    @Test
    void integersHaveTheRangeOfTheirType() {
        schemaIs("""
                {"type":"object","properties":{
                "b":{"type":"integer","minimum":-128,"maximum":127},
                "s":{"type":"integer","minimum":-32768,"maximum":32767},
                "i":{"type":"integer","minimum":-2147483648,"maximum":2147483647},
                "l":{"type":"integer","minimum":-9223372036854775808,"maximum":9223372036854775807},
                "big":{"type":"integer"},
                "f":{"type":"number","minimum":-340282340000000000000000000000000000000,"maximum":340282340000000000000000000000000000000},
                "d":{"type":"number"},"decimal":{"type":"number"}},
                "required":["b","s","i","l","big","f","d","decimal"],"additionalProperties":false}""", Numbers.class);
        var type = AnswerType.of(Numbers.class);
        assertEquals(
                new Numbers(
                        (byte) -128,
                        (short) 3,
                        1000,
                        Long.MIN_VALUE,
                        new BigInteger("123456789012345678901234567890"),
                        1.5f,
                        -0.1,
                        new BigDecimal("1.50")),
                type.read("{\"b\":-128,\"s\":3.0,\"i\":1e3,\"l\":-9223372036854775808,"
                        + "\"big\":123456789012345678901234567890,\"f\":1.5,\"d\":-0.1,\"decimal\":1.50}"));
        assertEquals(
                "the answer does not fit: b must be an integer from -128 to 127, but is 128;"
                        + " s must be an integer from -32768 to 32767, but is 0.5;"
                        + " i must be an integer from -2147483648 to 2147483647, but is \"1\"",
                refused(type, "{\"b\":128,\"s\":0.5,\"i\":\"1\",\"l\":0,\"big\":0,\"f\":0,\"d\":0,\"decimal\":0}"));
    }

    @Test
    void numbersBeyondTheTypeAreRefusedWithoutComputingThem() {
        assertEquals(
                "the answer does not fit: the value is too large a number",
                refused(AnswerType.of(double.class), "1e400"));
        assertEquals(
                "the answer does not fit: the value has more than 1000 digits",
                refused(AnswerType.of(BigInteger.class), "1e999999999"));
        assertEquals(
                "the answer does not fit: the value must be an integer from -2147483648 to 2147483647, but is 1e999999999",
                refused(AnswerType.of(int.class), "1e999999999"));
        assertEquals(0.0, AnswerType.of(double.class).read("1e-999999999"));
        assertEquals(
                "the answer is not JSON: line 1, column 1: a number in it has too large an exponent",
                refused(AnswerType.of(double.class), "1e99999999999"));
    }

    enum Unit {
        @Name("°C")
        @Description("water freezes at 0")
        CELSIUS,
        KELVIN
    }

    @Test
    void enumsAreNames() {
        schemaIs(
                "{\"type\":\"string\",\"description\":\"°C: water freezes at 0\",\"enum\":[\"°C\",\"KELVIN\"]}",
                Unit.class);
        assertEquals(Unit.CELSIUS, AnswerType.of(Unit.class).read("\"°C\""));
        assertEquals(
                "the answer does not fit: the value must be one of \"°C\", \"KELVIN\", but is \"kelvin\"",
                refused(AnswerType.of(Unit.class), "\"kelvin\""));
    }

    sealed interface Shape permits Circle, Polygon, Nothing {}

    record Circle(double radius) implements Shape {}

    sealed interface Polygon extends Shape permits Square, Triangle {}

    @Description("four equal sides")
    record Square(double side) implements Polygon {}

    record Triangle(double a, double b, double c) implements Polygon {}

    @Name("nothing")
    record Nothing() implements Shape {}

    @Test
    void aSealedTypeSaysFirstWhichRecordItIs() {
        schemaIs("""
                {"anyOf":[
                {"type":"object","properties":{"type":{"const":"Circle"},"radius":{"type":"number"}},
                "required":["type","radius"],"additionalProperties":false},
                {"type":"object","description":"four equal sides","properties":{"type":{"const":"Square"},"side":{"type":"number"}},
                "required":["type","side"],"additionalProperties":false},
                {"type":"object","properties":{"type":{"const":"Triangle"},"a":{"type":"number"},"b":{"type":"number"},"c":{"type":"number"}},
                "required":["type","a","b","c"],"additionalProperties":false},
                {"type":"object","properties":{"type":{"const":"nothing"}},"required":["type"],"additionalProperties":false}]}""", Shape.class);
        var shapes = AnswerType.of(new TypeOf<List<Shape>>() {});
        assertEquals(
                List.of(new Circle(1), new Square(2), new Nothing()),
                shapes.read(
                        "[{\"type\":\"Circle\",\"radius\":1},{\"side\":2,\"type\":\"Square\"},{\"type\":\"nothing\"}]"));
        assertEquals(
                "the answer does not fit: [0].type must be one of \"Circle\", \"Square\", \"Triangle\", \"nothing\", but is \"Oval\";"
                        + " [1].side must be a number, but is true;"
                        + " [2].type must be one of \"Circle\", \"Square\", \"Triangle\", \"nothing\", but is missing;"
                        + " [3] must be an object, but is 1",
                refused(shapes, "[{\"type\":\"Oval\"},{\"type\":\"Square\",\"side\":true},{\"radius\":1},1]"));
    }

    sealed interface Event permits Click, Key {}

    record Click(String type) implements Event {}

    record Key(char type) implements Event {}

    @Test
    void anotherPropertySaysWhichRecordItIsWhereTypeIsTaken() {
        assertEquals(new Click("double"), AnswerType.of(Event.class).read("{\"kind\":\"Click\",\"type\":\"double\"}"));
        assertEquals(new Key('x'), AnswerType.of(Event.class).read("{\"kind\":\"Key\",\"type\":\"x\"}"));
    }

    sealed interface Expression permits Add, Literal {}

    record Add(Expression left, Expression right) implements Expression {}

    record Literal(int value) implements Expression {}

    @Test
    void recursiveTypesReferToDefinitions() {
        schemaIs("""
                {"anyOf":[{"type":"object","properties":{"type":{"const":"Add"},
                "left":{"$ref":"#/$defs/Expression"},"right":{"$ref":"#/$defs/Expression"}},
                "required":["type","left","right"],"additionalProperties":false},
                {"type":"object","properties":{"type":{"const":"Literal"},"value":{"type":"integer","minimum":-2147483648,"maximum":2147483647}},
                "required":["type","value"],"additionalProperties":false}],
                "$defs":{"Expression":{"anyOf":[{"type":"object","properties":{"type":{"const":"Add"},
                "left":{"$ref":"#/$defs/Expression"},"right":{"$ref":"#/$defs/Expression"}},
                "required":["type","left","right"],"additionalProperties":false},
                {"type":"object","properties":{"type":{"const":"Literal"},"value":{"type":"integer","minimum":-2147483648,"maximum":2147483647}},
                "required":["type","value"],"additionalProperties":false}]}}}""", Expression.class);
        assertEquals(
                new Add(new Literal(1), new Add(new Literal(2), new Literal(3))),
                AnswerType.of(Add.class)
                        .read(
                                "{\"left\":{\"type\":\"Literal\",\"value\":1},\"right\":{\"type\":\"Add\","
                                        + "\"left\":{\"type\":\"Literal\",\"value\":2},\"right\":{\"type\":\"Literal\",\"value\":3}}}"));
    }

    record Tree<T>(T value, List<Tree<T>> children) {}

    record Forest(Tree<String> names, Tree<Integer> counts) {}

    @Test
    void genericRecordsAreOneDefinitionForEachArgument() {
        var schema = AnswerType.of(Forest.class).schema();
        assertEquals("[Tree, Tree2]", schema.path("$defs").propertyNames().toString());
        assertEquals("integer", schema.at("/$defs/Tree2/properties/value/type").stringValue());
        assertEquals(
                new Tree<>(1, List.of(new Tree<>(2, List.of()))),
                AnswerType.of(new TypeOf<Tree<Integer>>() {})
                        .read("{\"value\":1,\"children\":[{\"value\":2,\"children\":[]}]}"));
    }

    sealed interface Result<T> permits Good, Bad {}

    record Good<T>(T value) implements Result<T> {}

    record Bad<T>(String why) implements Result<T> {}

    @Test
    void aGenericSealedTypeGivesItsArgumentsToItsRecords() {
        var type = AnswerType.of(new TypeOf<Result<LocalDate>>() {});
        assertEquals(new Good<>(LocalDate.of(2024, 2, 29)), type.read("{\"type\":\"Good\",\"value\":\"2024-02-29\"}"));
        assertEquals(new Bad<LocalDate>("no"), type.read("{\"type\":\"Bad\",\"why\":\"no\"}"));
    }

    record Maybe(
            @Nullable String text,
            Optional<Integer> number,
            OptionalInt i,
            OptionalLong l,
            OptionalDouble d,
            List<@Nullable String> several,
            @Nullable Integer @Nullable [] array) {}

    @Test
    void optionalComponentsAreNotRequired() {
        schemaIs("""
                {"type":"object","properties":{"text":{"type":"string"},
                "number":{"type":"integer","minimum":-2147483648,"maximum":2147483647},
                "i":{"type":"integer","minimum":-2147483648,"maximum":2147483647},
                "l":{"type":"integer","minimum":-9223372036854775808,"maximum":9223372036854775807},
                "d":{"type":"number"},
                "several":{"type":"array","items":{"anyOf":[{"type":"string"},{"type":"null"}]}},
                "array":{"type":"array","items":{"anyOf":[{"type":"integer","minimum":-2147483648,"maximum":2147483647},{"type":"null"}]}}},
                "required":["several"],"additionalProperties":false}""", Maybe.class);
        var type = AnswerType.of(Maybe.class);
        var none = type.read("{\"several\":[\"a\",null],\"text\":null,\"number\":null}");
        assertEquals(Arrays.asList("a", null), none.several());
        assertNull(none.text());
        assertEquals(Optional.empty(), none.number());
        assertEquals(OptionalInt.empty(), none.i());
        assertNull(none.array());
        var all =
                type.read("{\"several\":[],\"text\":\"t\",\"number\":1,\"i\":2,\"l\":3,\"d\":4.5,\"array\":[5,null]}");
        assertEquals(Optional.of(1), all.number());
        assertEquals(OptionalInt.of(2), all.i());
        assertEquals(OptionalLong.of(3), all.l());
        assertEquals(OptionalDouble.of(4.5), all.d());
        assertArrayEquals(new @Nullable Integer[] {5, null}, all.array());
    }

    record Containers(
            Set<String> set,
            Collection<? extends Number> wild,
            int[] ints,
            String[][] table,
            Map<String, Integer> byName,
            Map<Unit, Boolean> byUnit) {}

    @Test
    void containers() {
        assertThrows(IllegalArgumentException.class, () -> AnswerType.of(Containers.class));
        record Held(
                Set<String> set,
                Collection<? extends Integer> wild,
                int[] ints,
                String[][] table,
                Map<String, Integer> byName,
                Map<Unit, Boolean> byUnit) {}
        var type = AnswerType.of(Held.class);
        var schema = type.schema();
        assertEquals(
                "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}",
                schema.at("/properties/set").toString());
        assertEquals(
                "{\"type\":\"object\",\"properties\":{\"°C\":{\"type\":\"boolean\"},\"KELVIN\":{\"type\":\"boolean\"}},\"additionalProperties\":false}",
                schema.at("/properties/byUnit").toString());
        assertEquals(
                "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"integer\",\"minimum\":-2147483648,\"maximum\":2147483647}}",
                schema.at("/properties/byName").toString());
        var read = type.read("{\"set\":[\"b\",\"a\",\"b\"],\"wild\":[1],\"ints\":[1,2],\"table\":[[\"x\"],[]],"
                + "\"byName\":{\"z\":1,\"a\":2},\"byUnit\":{\"KELVIN\":true}}");
        assertEquals(List.of("b", "a"), List.copyOf(read.set()));
        assertArrayEquals(new int[] {1, 2}, read.ints());
        assertArrayEquals(new String[][] {{"x"}, {}}, read.table());
        assertEquals("{z=1, a=2}", read.byName().toString());
        assertEquals(Map.of(Unit.KELVIN, true), read.byUnit());
        assertThrows(UnsupportedOperationException.class, () -> read.set().add("c"));
    }

    record Texts(
            char c,
            boolean b,
            LocalDate date,
            LocalTime time,
            LocalDateTime dateTime,
            OffsetDateTime offset,
            Instant instant,
            Duration duration,
            UUID uuid,
            URI uri) {}

    @Test
    void textsOfOtherTypes() {
        var type = AnswerType.of(Texts.class);
        var uuid = "123e4567-e89b-12d3-a456-426614174000";
        assertEquals(
                new Texts(
                        'ä',
                        true,
                        LocalDate.of(2024, 2, 29),
                        LocalTime.of(9, 5, 1),
                        LocalDateTime.of(2024, 1, 2, 3, 4, 5),
                        OffsetDateTime.parse("2024-01-02T03:04:05+07:00"),
                        Instant.parse("2024-01-01T20:04:05Z"),
                        Duration.ofMinutes(90),
                        UUID.fromString(uuid),
                        URI.create("https://example.org/a%20b?q=1#top")),
                type.read(("{\"c\":\"ä\",\"b\":true,\"date\":\"2024-02-29\",\"time\":\"09:05:01Z\","
                                + "\"dateTime\":\"2024-01-02T03:04:05+07:00\",\"offset\":\"2024-01-02T03:04:05+07:00\","
                                + "\"instant\":\"2024-01-02T03:04:05+07:00\",\"duration\":\"PT1H30M\",\"uuid\":\"%s\","
                                + "\"uri\":\"https://example.org/a%%20b?q=1#top\"}")
                        .formatted(uuid)));
        assertEquals(
                "the answer does not fit: the value must be a valid date, but is \"2023-02-29\"",
                refused(AnswerType.of(LocalDate.class), "\"2023-02-29\""));
        assertEquals(LocalTime.of(23, 0), AnswerType.of(LocalTime.class).read("\"23:00\""));
        assertTrue(refused(AnswerType.of(char.class), "\"😀\"").contains("must match the pattern"));
        assertTrue(refused(AnswerType.of(URI.class), "\"not one\"").contains("must match the pattern"));
        assertEquals(
                "the answer does not fit: the value must be a valid duration, but is \"PT\"",
                refused(AnswerType.of(Duration.class), "\"PT\""));
        assertTrue(refused(AnswerType.of(char.class), "\"a\\n\"").contains("must match the pattern"));
    }

    record Anything(Object plain) {}

    @Test
    void anyJson() {
        schemaIs(
                "{\"type\":\"object\",\"properties\":{\"plain\":{}},\"required\":[\"plain\"],\"additionalProperties\":false}",
                Anything.class);
        var read = AnswerType.of(Anything.class).read("{\"plain\":{\"a\":[1,2.5,null,true]}}");
        assertEquals(Map.of("a", Arrays.asList(1L, 2.5, null, true)), read.plain());
    }

    record Limited(
            @Description("from 1 to 5") @Range(min = 1, max = 5)
            int stars,

            @Range(min = 0.5) double price,
            @Range(min = 0, max = 300) byte small,
            @Size(min = 1, max = 2) List<@Size(max = 3) @Matches("[a-z]+|[0-9]+") String> words,
            @Size(max = 2) String[] array,
            @Matches("^[A-Z]{2}$") Optional<String> code,
            @Range(min = 10) OptionalInt many) {}

    @Test
    void annotationsLimitValues() {
        schemaIs("""
                {"type":"object","properties":{
                "stars":{"type":"integer","description":"from 1 to 5","minimum":1,"maximum":5},
                "price":{"type":"number","minimum":0.5},
                "small":{"type":"integer","minimum":0,"maximum":127},
                "words":{"type":"array","items":{"type":"string","maxLength":3,"pattern":"^([a-z]+|[0-9]+)$"},"minItems":1,"maxItems":2},
                "array":{"type":"array","items":{"type":"string"},"maxItems":2},
                "code":{"type":"string","pattern":"^[A-Z]{2}$"},
                "many":{"type":"integer","minimum":10,"maximum":2147483647}},
                "required":["stars","price","small","words","array"],"additionalProperties":false}""", Limited.class);
        assertEquals(
                "the answer does not fit: stars must be an integer from 1 to 5, but is 6;"
                        + " price must be a number of at least 0.5, but is 0.25;"
                        + " words must have 1 to 2 elements, but has 0;"
                        + " array must have at most 2 elements, but has 3;"
                        + " code must match the pattern ^[A-Z]{2}$, but is \"abc\"",
                refused(
                        AnswerType.of(Limited.class),
                        "{\"stars\":6,\"price\":0.25,\"small\":1,\"words\":[],\"array\":[\"\",\"\",\"\"],\"code\":\"abc\"}"));
        assertEquals(
                "the answer does not fit: words[0] must have at most 3 characters, but has 4;"
                        + " words[1] must match the pattern ^([a-z]+|[0-9]+)$, but is \"a1\"",
                refused(
                        AnswerType.of(Limited.class),
                        "{\"stars\":5,\"price\":1,\"small\":1,\"words\":[\"abcd\",\"a1\"],\"array\":[]}"));
    }

    record Sized(
            @Size(min = 1, max = 2) Map<String, Integer> byName,
            @Size(max = 1) Map<Unit, Boolean> byUnit) {}

    @Test
    void theEntriesOfAMapAreBounded() {
        schemaIs("""
                {"type":"object","properties":{
                "byName":{"type":"object","additionalProperties":{"type":"integer","minimum":-2147483648,"maximum":2147483647},"minProperties":1,"maxProperties":2},
                "byUnit":{"type":"object","properties":{"°C":{"type":"boolean"},"KELVIN":{"type":"boolean"}},"additionalProperties":false,"maxProperties":1}},
                "required":["byName","byUnit"],"additionalProperties":false}""", Sized.class);
        var type = AnswerType.of(Sized.class);
        assertEquals(new Sized(Map.of("a", 1), Map.of()), type.read("{\"byName\":{\"a\":1},\"byUnit\":{}}"));
        assertEquals(
                "the answer does not fit: byName must have 1 to 2 entries, but has 0;"
                        + " byUnit must have at most 1 entries, but has 2",
                refused(type, "{\"byName\":{},\"byUnit\":{\"°C\":true,\"KELVIN\":false}}"));
    }

    @Test
    void lengthsCountCharactersAndNotHalves() {
        record Two(@Size(min = 2, max = 2) String text) {}
        assertEquals("😀é", AnswerType.of(Two.class).read("{\"text\":\"😀é\"}").text());
    }

    @Description("a person")
    record Person(@Name("full_name") String name) {}

    record Couple(@Description("the first") Person one, Person other) {}

    @Test
    void descriptionsAndNames() {
        schemaIs("""
                {"type":"object","properties":{"one":{"description":"the first","$ref":"#/$defs/Person"},"other":{"$ref":"#/$defs/Person"}},
                "required":["one","other"],"additionalProperties":false,
                "$defs":{"Person":{"type":"object","description":"a person","properties":{"full_name":{"type":"string"}},
                "required":["full_name"],"additionalProperties":false}}}""", Couple.class);
        assertEquals(new Person("A B"), AnswerType.of(Person.class).read("{\"full_name\":\"A B\"}"));
    }

    record Even(int number) {
        Even {
            if (number % 2 != 0) {
                throw new IllegalArgumentException(number + " is odd");
            }
        }
    }

    @Test
    void whatAConstructorRefusesIsSaidWithItsReason() {
        var type = AnswerType.of(new TypeOf<List<Even>>() {});
        var refusal = assertThrows(AnswerException.class, () -> type.read("[{\"number\":2},{\"number\":3}]"));
        assertEquals("the answer does not fit: [1] is refused by Even: 3 is odd", refusal.getMessage());
        assertEquals("[{\"number\":2},{\"number\":3}]", refusal.text());
        assertInstanceOf(IllegalArgumentException.class, refusal.getCause());
    }

    record Failing(int number) {
        Failing {
            throw new AssertionError("no");
        }
    }

    @Test
    void anErrorInAConstructorIsTheCallers() {
        assertThrows(AssertionError.class, () -> AnswerType.of(Failing.class).read("{\"number\":1}"));
    }

    @Test
    void textThatIsNoJsonIsRefused() {
        var type = AnswerType.of(String.class);
        assertTrue(refused(type, "\"cut").startsWith("the answer is not JSON: "));
        assertTrue(refused(type, "").startsWith("the answer "));
        assertTrue(refused(type, "\"a\" \"b\"").startsWith("the answer is not JSON: "));
        assertTrue(refused(type, "[".repeat(100_000)).startsWith("the answer is not JSON: "));
    }

    @Test
    void deepJsonIsReadWithoutEndOfStack() {
        int depth = 100;
        var json = "{\"value\":1,\"children\":[".repeat(depth) + "]}".repeat(depth);
        var tree = AnswerType.of(new TypeOf<Tree<Integer>>() {}).read(json);
        for (int i = 1; i < depth; i++) {
            tree = tree.children().getFirst();
        }
        assertSame(0, tree.children().size());
    }
}
