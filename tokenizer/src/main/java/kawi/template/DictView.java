package kawi.template;

import java.util.ArrayList;
import java.util.List;

/**
 * The result of {@code dict.keys()}, {@code values()} or {@code items()}, which has a length and is iterable, but not
 * indexable.
 */
record DictView(Dict dict, Part part) {

    enum Part {
        KEYS,
        VALUES,
        ITEMS;

        /** The name of the type in Python, which is also part of the representation. */
        String typeName() {
            return switch (this) {
                case KEYS -> "dict_keys";
                case VALUES -> "dict_values";
                case ITEMS -> "dict_items";
            };
        }
    }

    List<Object> items(Budget budget) {
        budget.allocate((long) Budget.OBJECT * dict.size());
        if (part == Part.KEYS) {
            return dict.keys();
        }
        var items = new ArrayList<>(dict.size());
        for (var entry : dict.entries()) {
            items.add(part == Part.VALUES ? entry.value() : Sequence.Tuple.of(entry.key(), entry.value()));
        }
        return items;
    }
}
