package kawi.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import kawi.tokenizer.OriginText;

/**
 * The {@code attribute} argument of filters: {@code "function.name"} or {@code "choices.0.text"}; numbers are indices.
 * Without an attribute, the path is empty and leads to the item itself.
 */
record AttributePath(List<Object> parts) {

    static AttributePath of(Object attribute, Budget budget) {
        return switch (attribute) {
            case None _ -> new AttributePath(List.of());
            case CharSequence path -> of(path.toString(), budget);
            default -> new AttributePath(List.of(attribute));
        };
    }

    private static AttributePath of(String path, Budget budget) {
        budget.allocate((long) Budget.OBJECT * path.length());
        List<Object> parts = new ArrayList<>();
        for (var part : path.split("\\.", -1)) {
            boolean index =
                    !part.isEmpty() && part.length() <= 18 && part.chars().allMatch(c -> c >= '0' && c <= '9');
            parts.add(index ? (Object) Long.parseLong(part) : OriginText.outside(part));
        }
        return new AttributePath(parts);
    }

    /** Parses a list of attributes for sorting, such as {@code "a,b"}. */
    static List<AttributePath> several(Object attributes, Budget budget) {
        if (attributes instanceof CharSequence paths) {
            List<AttributePath> all = new ArrayList<>();
            budget.allocate((long) Budget.OBJECT * paths.length());
            for (var path : paths.toString().split(",", -1)) {
                all.add(of(path, budget));
            }
            return all;
        }
        return List.of(of(attributes, budget));
    }

    Object follow(Object item, Budget budget) {
        var value = item;
        for (var part : parts) {
            value = Lookup.item(value, part, budget);
        }
        return value;
    }

    /** @param defaultValue the value that replaces an undefined value on the path, or {@link None} */
    Object follow(Object item, Object defaultValue, Budget budget) {
        var value = item;
        for (var part : parts) {
            value = Lookup.item(value, part, budget);
            if (value instanceof Undefined && defaultValue != None.NONE) {
                value = defaultValue;
            }
        }
        return value;
    }

    /** The key by which filters sort and group: strings are in lower case unless {@code caseSensitive}. */
    static Object key(Object value, boolean caseSensitive, Budget budget) {
        if (caseSensitive || !(value instanceof CharSequence text)) {
            return value;
        }
        budget.allocate(text.length());
        return OriginText.outside(text.toString().toLowerCase(Locale.ROOT));
    }
}
