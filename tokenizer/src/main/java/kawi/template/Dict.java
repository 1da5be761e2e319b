package kawi.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A Python dict: insertion order, any hashable key, and keys that are equal in Python are one key ({@code 1},
 * {@code 1.0} and {@code True}). Filled by whoever creates it and not changed afterwards.
 */
final class Dict {

    record Entry(Object key, Object value) {}

    /**
     * A tuple or range as a key, spelled out. Being comparable, it cannot be made to collide until look-ups are linear,
     * as a list of items could.
     */
    private record SequenceKey(String spelling) implements Comparable<SequenceKey> {

        @Override
        public int compareTo(SequenceKey other) {
            return spelling.compareTo(other.spelling);
        }
    }

    private final Map<Object, Entry> entries = new LinkedHashMap<>();

    void put(Object key, Object value, Budget budget) {
        budget.allocate(2 * Budget.OBJECT);
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

    Iterator<Object> keyIterator() {
        var iterator = entries.values().iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return iterator.hasNext();
            }

            @Override
            public Object next() {
                return iterator.next().key();
            }
        };
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
                var spelling = new StringBuilder("(");
                for (var item : tuple.items()) {
                    spell(hashed(item, budget, level + 1), spelling, budget);
                }
                yield new SequenceKey(spelling.toString());
            }
            case Sequence.Range range ->
                new SequenceKey("range " + range.length()
                        + (range.length() > 0 ? " " + range.start() : "")
                        + (range.length() > 1 ? " " + range.step() : ""));
            case Sequence.ListValue _, Dict _, DictView _ ->
                throw new EvaluationException("unhashable type: '" + Values.typeName(key) + "'");
            default -> key;
        };
    }

    private static void spell(Object key, StringBuilder spelling, Budget budget) {
        int before = spelling.length();
        switch (key) {
            case String text -> {
                budget.allocate(text.length());
                spelling.append('s').append(text.length()).append(':').append(text);
            }
            case SequenceKey inner -> {
                budget.allocate(inner.spelling().length());
                spelling.append('t')
                        .append(inner.spelling().length())
                        .append(':')
                        .append(inner.spelling());
            }
            case Long number -> spelling.append('i').append((long) number).append(';');
            case BigInteger number -> spelling.append('i').append(number).append(';');
            case Double number -> spelling.append('f').append((double) number).append(';');
            case None _ -> spelling.append('n');
            case Class<?> _ -> spelling.append('u');
            default ->
                throw new EvaluationException(
                        "a tuple with a %s in it cannot be a key here".formatted(Values.typeName(key)));
        }
        budget.allocate(Budget.OBJECT + spelling.length() - (long) before);
    }

    private static Object hashed(double number) {
        if (number != Math.rint(number) || Double.isInfinite(number)) {
            return number;
        }
        return Arithmetic.normal(new BigDecimal(number).toBigInteger());
    }
}
