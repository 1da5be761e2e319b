package kawi.dialect;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Chooses the dialect of a model from the known ones. */
public final class Dialects {

    private static final Dialects KNOWN = new Dialects(List.of(new QwenDialect()));

    private final List<Dialect> dialects;

    /** @param dialects in order of precedence */
    public Dialects(List<Dialect> dialects) {
        this.dialects = List.copyOf(dialects);
    }

    /** Returns all dialects. A new dialect is added here. */
    public static Dialects known() {
        return KNOWN;
    }

    /**
     * Returns the dialect of a model: that of its chat template, which reflects the model's latest training, otherwise
     * that of its architecture, otherwise plain text.
     *
     * @param family the family of its architecture
     * @param chatTemplate the source of the template in use, if there is one
     */
    public Dialect of(String family, Optional<String> chatTemplate) {
        return first(dialect -> chatTemplate.filter(dialect::matchesTemplate).isPresent())
                .or(() -> first(dialect -> dialect.families().contains(family)))
                .orElseGet(PlainDialect::new);
    }

    private Optional<Dialect> first(Predicate<Dialect> fits) {
        return dialects.stream().filter(fits).findFirst();
    }
}
