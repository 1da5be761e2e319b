package kawi.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A Python dict: insertion order, any hashable key, and keys that are equal in Python are one key ({@code 1}, {@code 1.0} and
 * {@code True}). Filled by whoever creates it and not changed afterwards.
 */
final class Dict {

    /** What a dict entry costs in {@link Budget#allocate units}. */
    private static final int ENTRY_UNITS = 8;

    record Entry(Object key, Object value) {}

    private record TupleKey(List<Object> items) {}

    private final Map<Object, Entry> entries = new LinkedHashMap<>();

    void put(Object key, Object value, Budget budget) {
        budget.allocate(ENTRY_UNITS);
        entries.merge(hashed(key, budget), new Entry(key, value), (old, _) -> new Entry(old.key(), value));
    }

    void putAll(Dict other, Budget budget) {
        for (var entry : other.entries()) {
            put(entry.key(), entry.value(), budget);
        }
    }

    @Nullable Object get(Object key, Budget budget) {
        var entry = entries.get(hashed(key, budget));
        return entry == null ? null : entry.value();
    }

    int size() {
        return entries.size();
    }

    Collection<Entry> entries() {
        return entries.values();
    }

    List<Object> keys() {
        var keys = new ArrayList<>(entries.size());
        entries.values().forEach(entry -> keys.add(entry.key()));
        return keys;
    }

    /**
     * A Java object that is equal to another one of these exactly if Python finds the two keys equal.
     *
     * @throws EvaluationException for lists, dicts and other values that Python cannot hash
     */
    static Object hashed(Object key, Budget budget) {
        return hashed(key, budget, 0);
    }

    private static Object hashed(Object key, Budget budget, int level) {
        Budget.checkValueDepth(level);
        budget.step();
        return switch (key) {
            case CharSequence text -> text.toString();
            case Boolean truth -> truth ? 1L : 0L;
            case Double number -> hashed(number);
            case Undefined _ -> Undefined.class;
            case Sequence.Tuple tuple -> {
                budget.allocate(tuple.items().size());
                var items = new ArrayList<>(tuple.items().size());
                for (var item : tuple.items()) {
                    items.add(hashed(item, budget, level + 1));
                }
                yield new TupleKey(items);
            }
            case Sequence.ListValue _, Dict _, DictView _ ->
                throw new EvaluationException("unhashable type: '" + Values.typeName(key) + "'");
            default -> key;
        };
    }

    private static Object hashed(double number) {
        if (number != Math.rint(number) || Double.isInfinite(number)) {
            return number;
        }
        return Math.abs(number) < 0x1p62 ? (Object) (long) number : bigInteger(number);
    }

    private static BigInteger bigInteger(double number) {
        return new BigDecimal(number).toBigInteger();
    }
}
