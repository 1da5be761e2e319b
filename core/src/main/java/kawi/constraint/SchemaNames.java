package kawi.constraint;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import kawi.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** The languages of the names of members, in the spelling of JSON: patterns, {@code propertyNames}, and other names. */
final class SchemaNames {

    private static final int MAX_PATTERNS = 12;

    private final Budget budget = Budget.current();
    private final SchemaCompiler compiler;
    private final Map<String, Automaton> patterns = new HashMap<>();

    SchemaNames(SchemaCompiler compiler) {
        this.compiler = compiler;
    }

    /** The names that match a pattern. */
    private Automaton pattern(Schema pattern) {
        return patterns.computeIfAbsent(pattern.node().stringValue(), text -> {
            Schema string = new Schema(JsonObject.builder().put("pattern", text).build(), pattern.pointer());
            return StringForms.contents(string, true).exact();
        });
    }

    boolean matches(Schema pattern, String name) {
        return pattern(pattern).accepts(spelled(name));
    }

    /** Whether {@code name} satisfies a condition for names. */
    boolean satisfies(String name, Condition condition) {
        Automaton language = compiler.strings().language(Conditions.of(condition));
        return language == null || language.accepts(spelled(name));
    }

    private byte[] spelled(String name) {
        budget.spend(4L + name.length());
        return JsonRules.spelled(name).getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Members that are alike.
     *
     * @param names their names, or null for all
     */
    record Kind(@Nullable Automaton names, Conditions value) {}

    /** The kinds of members of {@code form} that it does not name. */
    List<Kind> others(ObjectForm form) {
        var patterns = new LinkedHashSet<String>();
        Map<String, Schema> schemas = new HashMap<>();
        for (ObjectForm.Part part : form.others()) {
            for (ObjectForm.Pattern pattern : part.patterns()) {
                patterns.add(pattern.pattern().node().stringValue());
                schemas.putIfAbsent(pattern.pattern().node().stringValue(), pattern.pattern());
            }
        }
        if (patterns.size() > MAX_PATTERNS) {
            throw form.schema().refused("more than " + MAX_PATTERNS + " patternProperties are not supported");
        }
        List<Kind> kinds = new ArrayList<>();
        if (patterns.isEmpty() && !form.open()) {
            return kinds;
        }
        Automaton names = names(form);
        if (names != null && names.isEmpty()) {
            return kinds;
        }
        divide(form, names, List.copyOf(patterns), schemas, new LinkedHashSet<>(), 0, kinds);
        return kinds;
    }

    /** The names of a kind of members that are also those of another. */
    Automaton of(Kind kind, Constraint.SomeMember some) {
        Automaton names = kind.names == null ? any() : kind.names;
        if (some.pattern() != null) {
            names = names.intersect(pattern(some.pattern()));
        }
        if (some.name() != null) {
            Automaton language = compiler.strings().language(Conditions.of(some.name()));
            names = language == null ? names : names.intersect(language);
        }
        if (some.besides() != null) {
            Schema besides = some.besides().schema();
            Set<String> declared = besides.node().path("properties").propertyNames();
            names = declared.isEmpty() ? names : names.minus(SchemaStrings.texts(declared, true));
            for (String text : besides.node().path("patternProperties").propertyNames()) {
                names = names.minus(pattern(Schema.text(text, besides.pointer())));
            }
        }
        return names;
    }

    /** The names except those that the form names, or null for all. */
    private @Nullable Automaton names(ObjectForm form) {
        Automaton names = form.names().isEmpty() ? null : compiler.strings().language(Conditions.of(form.names()));
        Set<String> excluded = new LinkedHashSet<>(form.members().keySet());
        excluded.addAll(form.absent());
        if (excluded.isEmpty()) {
            return names;
        }
        try {
            return (names == null ? any() : names).minus(SchemaStrings.texts(excluded, true));
        } catch (GrammarException e) {
            throw form.schema().refused("the names of the properties are " + e.getMessage());
        }
    }

    private static Automaton any() {
        return Nfa.automaton(Expression.anyNumberOf(JsonRules.ANY_SPELLED));
    }

    private void divide(
            ObjectForm form,
            @Nullable Automaton names,
            List<String> patterns,
            Map<String, Schema> schemas,
            Set<String> matched,
            int next,
            List<Kind> kinds) {
        budget.spend(20);
        if (next < patterns.size()) {
            String text = patterns.get(next);
            Automaton pattern = pattern(Objects.requireNonNull(schemas.get(text)));
            Automaton with = names == null ? pattern : names.intersect(pattern);
            if (!with.isEmpty()) {
                matched.add(text);
                divide(form, with, patterns, schemas, matched, next + 1, kinds);
                matched.remove(text);
            }
            Automaton without = (names == null ? any() : names).minus(pattern);
            if (!without.isEmpty()) {
                divide(form, without, patterns, schemas, matched, next + 1, kinds);
            }
            return;
        }
        if (matched.isEmpty() && !form.open()) {
            return;
        }
        List<Condition> value = new ArrayList<>();
        for (ObjectForm.Part part : form.others()) {
            boolean evaluated = false;
            for (ObjectForm.Pattern pattern : part.patterns()) {
                if (matched.contains(pattern.pattern().node().stringValue())) {
                    evaluated = true;
                    value.add(pattern.value());
                }
            }
            if (!evaluated && part.additional() != null) {
                value.add(part.additional());
            }
        }
        kinds.add(new Kind(names, Conditions.of(value)));
    }
}
