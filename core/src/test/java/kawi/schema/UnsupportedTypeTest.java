package kawi.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kawi.Matches;
import kawi.Name;
import kawi.Range;
import kawi.Size;
import kawi.TypeOf;
import org.junit.jupiter.api.Test;

/** Each type without a JSON form is rejected with a message that gives the location and the remedy. */
class UnsupportedTypeTest {

    private static final String USE =
            "it has no JSON form here; use a record, an enum, a sealed interface of records, a string, number, boolean, list, set, array or map";

    private static void refused(String sentence, Class<?> type) {
        assertEquals(
                sentence,
                assertThrows(IllegalArgumentException.class, () -> AnswerType.of(type))
                        .getMessage());
    }

    record Recipe(List<Step> steps) {}

    record Step(Map<String, Optional<Socket>> photos) {}

    @Test
    void otherClasses() {
        refused("Recipe.steps[].photos{} is java.net.Socket: " + USE, Recipe.class);
        refused("Thread is java.lang.Thread: " + USE, Thread.class);
    }

    record Keys(Map<Integer, String> byNumber) {}

    @Test
    void keysThatAreNoStrings() {
        refused("Keys.byNumber is java.util.Map<Integer, String>: the keys of a map are String or an enum", Keys.class);
    }

    record Pair<A>(A a) {}

    @Test
    void missingTypeArguments() {
        refused(
                Pair.class.getTypeName() + ": it needs its type arguments; as a root, write new TypeOf<Pair<...>>() {}",
                Pair.class);
    }

    record Endless(int number, Endless next) {}

    record Growing<T>(List<Growing<List<T>>> next) {}

    @Test
    void typesWithoutEnd() {
        refused(
                "Endless is " + Endless.class.getTypeName()
                        + ": it contains itself and can never end; make a component Optional, @Nullable or a List",
                Endless.class);
        var message = String.valueOf(
                assertThrows(IllegalArgumentException.class, () -> AnswerType.of(new TypeOf<Growing<String>>() {}))
                        .getMessage());
        assertEquals("its type arguments are nested more than 40 deep", message.substring(message.indexOf(": ") + 2));
    }

    sealed interface Open permits Loose {}

    static non-sealed class Loose implements Open {}

    sealed interface Same permits One.Box, Two.Box {}

    static class One {
        record Box() implements Same {}
    }

    static class Two {
        record Box() implements Same {}
    }

    sealed interface Taken permits Both {}

    record Both(String type, String kind) implements Taken {}

    @Test
    void sealedTypesOfOtherThanRecords() {
        refused(
                "Open is %s: it permits %s, which is neither a record nor sealed"
                        .formatted(Open.class.getTypeName(), Loose.class.getTypeName()),
                Open.class);
        refused(
                "Same is %s: two of its records are called Box; give one of them a @Name"
                        .formatted(Same.class.getTypeName()),
                Same.class);
        refused(
                "Taken is %s: its records have components called type and kind, so none is free to say which record it is"
                        .formatted(Taken.class.getTypeName()),
                Taken.class);
    }

    @Test
    void annotationsOutOfPlace() {
        record Ranged(@Range(min = 1) String text) {}
        refused("Ranged.text is java.lang.String: @Range is for numbers", Ranged.class);
        record Sized(@Size(min = 1) int number) {}
        refused("Sized.number is Integer: @Size is for strings, lists, sets, arrays and maps", Sized.class);
        record Matched(@Matches("a") List<String> list) {}
        refused("Matched.list is java.util.List<String>: @Matches is for strings", Matched.class);
        record Broken(@Matches("(") String text) {}
        refused("Broken.text is java.lang.String: pattern (, column 1: this ( is not closed", Broken.class);
        record Empty(@Range(min = 0.2, max = 0.8) int number) {}
        assertThrows(IllegalArgumentException.class, () -> AnswerType.of(Empty.class));
        record Upside(@Size(min = 3, max = 2) String text) {}
        refused("Upside.text is java.lang.String: no size is from 3 to 2", Upside.class);
        record Twice(int a, @Name("a") int b) {}
        refused("Twice.a is int: two components have that name", Twice.class);
    }

    enum None {}

    @Test
    void anEnumWithoutConstants() {
        refused("None is " + None.class.getTypeName() + ": an enum without constants has no value", None.class);
    }

    @Test
    void aModuleThatIsNotOpen() {
        assertEquals(
                "module com.acme does not open its package; add \"opens com.acme.model to kawi.core;\" to its module-info.java",
                Access.refusal("com.acme", "com.acme.model", "kawi.core"));
    }

    @Test
    void aRecordOfAClosedModule() throws ClassNotFoundException {
        refused(
                "EntryPos is java.util.zip.ZipFile$EntryPos: module java.base does not open its package;"
                        + " add \"opens java.util.zip%s;\" to its module-info.java"
                                .formatted(Access.class.getModule().isNamed() ? " to kawi.core" : ""),
                Class.forName("java.util.zip.ZipFile$EntryPos"));
    }

    static <T> TypeOf<T> open() {
        return new TypeOf<>() {};
    }

    @Test
    void aTypeThatIsNotSaid() {
        var type = UnsupportedTypeTest.<String>open();
        assertEquals(
                "T: nothing says what this type variable stands for",
                assertThrows(IllegalArgumentException.class, () -> AnswerType.of(type))
                        .getMessage());
    }
}
