package kawi.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The result of {@code cycler(first, second, …)}, whose {@code next()} returns its items one after the other. */
final class Cycler {

    private final List<Object> items;
    private int position;

    /** @param items at least one */
    Cycler(List<Object> items) {
        this.items = items;
    }

    @Nullable Object attribute(String name) {
        return switch (name) {
            case "current" -> items.get(position);
            case "next" -> (Callable) this::next;
            case "reset" -> (Callable) this::reset;
            default -> null;
        };
    }

    private Object next(Arguments arguments) {
        arguments.onlyPositional("cycler.next", 0, 0);
        var item = items.get(position);
        position = (position + 1) % items.size();
        return item;
    }

    private Object reset(Arguments arguments) {
        arguments.onlyPositional("cycler.reset", 0, 0);
        position = 0;
        return None.NONE;
    }
}
