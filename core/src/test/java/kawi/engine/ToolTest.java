package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import kawi.Description;
import kawi.Name;
import kawi.ToolCall;
import kawi.ToolMethod;
import kawi.ToolResult;
import kawi.dialect.QwenDialect;
import kawi.schema.MismatchException;
import kawi.template.ChatTemplate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ToolTest {

    record City(@Description("its name") String name, Optional<Integer> days) {
        City {
            if (name.isBlank()) {
                throw new IllegalArgumentException("a city has a name");
            }
        }
    }

    private static ToolResult call(JavaTool tool, String arguments) {
        return tool.run(new ToolCall("1", tool.name(), arguments));
    }

    private static String refused(Runnable work) {
        return String.valueOf(
                assertThrows(IllegalArgumentException.class, work::run).getMessage());
    }

    @Test
    void aFunctionOfARecord() {
        var tool = JavaTool.of(
                "weather",
                "Weather of a city",
                City.class,
                city -> city.name() + city.days().orElse(1));
        assertEquals(
                "Yogyakarta1",
                call(tool, tool.arguments(Map.of("name", "Yogyakarta"))).text());
        assertEquals("Solo3", call(tool, "{\"name\":\"Solo\",\"days\":3}").text());
        assertEquals(
                "{type=function, function={name=weather, description=Weather of a city, parameters={type=object,"
                        + " properties={name={type=string, description=its name}, days={type=integer}}, required=[name]}}}",
                tool.definition().toString());
        assertEquals(
                "the call of weather does not fit: name is missing",
                assertThrows(MismatchException.class, () -> tool.arguments(Map.of()))
                        .getMessage());
        assertEquals(
                "the call of weather does not fit: the value is refused by City: a city has a name",
                assertThrows(MismatchException.class, () -> call(tool, "{\"name\":\" \"}"))
                        .getMessage());
        assertEquals(
                new City("Solo", Optional.of(3)),
                new ToolCall("1", "weather", "{\"name\":\"Solo\",\"days\":3}").arguments(City.class));
    }

    @Test
    void definitionsAreWhatATemplatePrints() {
        var template = ChatTemplate.parse("tools", "{% for t in tools %}{{ t | tojson }}{% endfor %}");
        var tool = JavaTool.of("weather", "Weather of a city – °C", City.class, City::name);
        assertEquals(
                "{\"type\": \"function\", \"function\": {\"name\": \"weather\", \"description\": \"Weather of a city – °C\","
                        + " \"parameters\": {\"type\": \"object\", \"properties\": {\"name\": {\"type\": \"string\", \"description\": \"its name\"},"
                        + " \"days\": {\"type\": \"integer\"}}, \"required\": [\"name\"]}}}",
                template.render(Map.of("messages", List.of(), "tools", List.of(tool.definition())))
                        .toString());
    }

    @Test
    void aFunctionOfNothing() {
        var tool = JavaTool.of("clock", "The time", () -> "noon");
        assertEquals("noon", call(tool, "{}").text());
        assertEquals("noon", call(tool, "").text());
        assertEquals(
                "the call of clock does not fit: zone is not known; known are: none",
                assertThrows(MismatchException.class, () -> call(tool, "{\"zone\":1}"))
                        .getMessage());
    }

    record Book(
            @Name("book_title") String title,
            LocalDate printed,
            int[] pages,
            @Nullable String note) {}

    public static final class Node {
        public final List<Object> content = new ArrayList<>();
    }

    @Test
    void resultsAreTextOrJson() {
        assertEquals("plain \"text\"", text(() -> "plain \"text\""));
        assertEquals("null", text(() -> null));
        assertEquals("3", text(() -> 3));
        assertEquals("[\"a\",1,null]", text(() -> Arrays.asList("a", 1, null)));
        assertEquals("{\"FALSE\":true}", text(() -> Map.of("FALSE", true)));
        assertEquals(
                "{\"book_title\":\"B\",\"printed\":\"2024-02-29\",\"pages\":[1,2],\"note\":null}",
                text(() -> new Book("B", LocalDate.of(2024, 2, 29), new int[] {1, 2}, null)));
        assertEquals("\"NONE\"", text(() -> Optional.of(Thread.State.NEW).map(_ -> Level.NONE)));
        assertEquals("5", text(() -> OptionalInt.of(5)));
        assertEquals("{\"content\":[1]}", text(() -> {
            var node = new Node();
            node.content.add(1);
            return node;
        }));
    }

    enum Level {
        NONE
    }

    private static String text(Supplier<@Nullable Object> function) {
        return call(JavaTool.of("t", "", function), "{}").text();
    }

    @Test
    void aResultThatContainsItselfIsAnError() {
        var list = new ArrayList<Object>();
        list.add(list);
        assertEquals("Error: the result of a tool is nested more than 200 deep, or contains itself", text(() -> list));
        assertEquals(
                "Error: the result of a tool is a stream; collect it into a list", text(() -> List.of(1).stream()));
    }

    @Test
    void anExceptionIsAnErrorForTheModelAndKept() {
        var failure = new NoSuchElementException("no such city");
        var result = call(
                JavaTool.of("t", "", () -> {
                    throw failure;
                }),
                "{}");
        assertEquals("Error: no such city", result.text());
        assertSame(failure, result.failure());
        assertTrue(result.failed());
        assertEquals("Error: IllegalStateException", text(() -> {
            throw new IllegalStateException();
        }));
        assertThrows(
                AssertionError.class,
                () -> text(() -> {
                    throw new AssertionError();
                }));
    }

    static class Library {
        final List<String> lent = new ArrayList<>();

        @ToolMethod("Books by an author")
        public List<String> books(
                @Name("author") @Description("full name") String author, @Name("limit") OptionalInt limit) {
            return List.of(author, String.valueOf(limit.orElse(-1)));
        }

        @ToolMethod(value = "Lends a book", name = "lend_book")
        public void lend(Book book) throws IOException {
            if (book.title().isEmpty()) {
                throw new IOException("no title");
            }
            lent.add(book.title());
        }

        public void unrelated() {}
    }

    @Test
    void methodsOfAnObject() {
        var library = new Library();
        var tools = JavaTool.byName(JavaTool.methods(library));
        assertEquals(List.of("books", "lend_book"), List.copyOf(tools.keySet()));
        var books = Objects.requireNonNull(tools.get("books"));
        assertEquals(
                "{\"type\":\"object\",\"properties\":{\"author\":{\"type\":\"string\",\"description\":\"full name\"},"
                        + "\"limit\":{\"type\":\"integer\",\"minimum\":-2147483648,\"maximum\":2147483647}},"
                        + "\"required\":[\"author\"],\"additionalProperties\":false}",
                books.parametersSchema());
        assertEquals(
                "[\"Pram\",\"-1\"]",
                call(books, books.arguments(Map.of("author", "Pram"))).text());
        var lend = Objects.requireNonNull(tools.get("lend_book"));
        assertEquals(
                "done",
                call(lend, "{\"book_title\":\"B\",\"printed\":\"2024-01-01\",\"pages\":[]}")
                        .text());
        assertEquals(List.of("B"), library.lent);
        var failed = call(lend, "{\"book_title\":\"\",\"printed\":\"2024-01-01\",\"pages\":[]}");
        assertEquals("Error: no title", failed.text());
        assertInstanceOf(IOException.class, failed.failure());
    }

    static class Hidden {
        @ToolMethod("hidden")
        void hidden() {}
    }

    @Test
    void methodsThatCannotBeTools() {
        assertEquals("Hidden.hidden has @ToolMethod and is not public", refused(() -> JavaTool.methods(new Hidden())));
        assertEquals(
                "java.lang.Object has no public method with @ToolMethod",
                refused(() -> JavaTool.methods(new Object())));
    }

    public static class Sleeper {
        @ToolMethod("Sleeps")
        public void sleep() throws InterruptedException {
            Thread.sleep(100_000);
        }
    }

    @Test
    void anInterruptedToolLeavesTheThreadInterrupted() {
        var tool = JavaTool.methods(new Sleeper()).getFirst();
        Thread.currentThread().interrupt();
        var result = call(tool, "{}");
        assertTrue(Thread.interrupted());
        assertInstanceOf(InterruptedException.class, result.failure());
    }

    @Test
    void aSchemaGivenAsText() {
        var tool = JavaTool.json(
                "echo",
                "Says it again",
                "{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\"}}}",
                json -> json);
        assertEquals("{\"n\":5}", call(tool, tool.arguments(Map.of("n", "5"))).text());
        assertEquals("{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\"}}}", tool.parametersSchema());
    }

    @Test
    void namesAndParametersAreChecked() {
        for (var bad : List.of("", "two words", "1st", "a".repeat(65), "ünder", "a\n")) {
            assertTrue(refused(() -> JavaTool.of(bad, "", () -> 1)).startsWith("tool \"" + bad + "\": a name is "));
        }
        assertFalse(JavaTool.of("_a.B-9", "", () -> 1).name().isEmpty());
        assertEquals(
                "tool \"t\": the parameters of a tool are the components of a record, but java.lang.String is not a record",
                refused(() -> JavaTool.of("t", "", String.class, text -> text)));
        record Spaced(@Name("two words") int number) {}
        assertEquals(
                "tool \"t\": a parameter cannot be called \"two words\": names are written as they are, without spaces, < and >",
                refused(() -> JavaTool.of("t", "", Spaced.class, _ -> 1)
                        .checkParameters(new QwenDialect().calls().orElseThrow())));
        var tool = JavaTool.of("t", "", () -> 1);
        assertEquals("two tools are called \"t\"", refused(() -> JavaTool.byName(List.of(tool, tool))));
    }
}
