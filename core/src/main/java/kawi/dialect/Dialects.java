package kawi.dialect;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The dialects that are known, and which of them a model uses. */
public final class Dialects {

    private static final Dialects KNOWN = new Dialects(List.of(new QwenDialect()));

    private final List<Dialect> dialects;

    /** @param dialects the first that fits is taken */
    public Dialects(List<Dialect> dialects) {
        this.dialects = List.copyOf(dialects);
    }

    /** All that there are. A new one is added here. */
    public static Dialects known() {
        return KNOWN;
    }

    /**
     * The dialect of a model: that of its chat template, which tells what the model was last trained on, or else that
     * of its architecture, or else plain text.
     *
     * @param family the family of its architecture
     * @param chatTemplate the source of the template in use, if there is one
     */
    public Dialect of(String family, Optional<String> chatTemplate) {
        return first(dialect -> chatTemplate.filter(dialect::isSpokenBy).isPresent())
                .or(() -> first(dialect -> dialect.families().contains(family)))
                .orElseGet(PlainDialect::new);
    }

    private Optional<Dialect> first(Predicate<Dialect> fits) {
        return dialects.stream().filter(fits).findFirst();
    }
}
