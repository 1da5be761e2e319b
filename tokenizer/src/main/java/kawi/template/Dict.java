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
 * A Python dict, which preserves insertion order, has any hashable keys, and treats keys that are equal in Python as
 * one ({@code 1}, {@code 1.0} and {@code True}). It is filled by its creator and not modified afterwards.
 */
final class Dict {

    record Entry(Object key, Object value) {}

    /**
     * A tuple or range as a key, encoded as a string. Because it is comparable, lookups of colliding keys take
     * logarithmic time; with a list of items they would take linear time.
     */
    private record SequenceKey(String encoding) implements Comparable<SequenceKey> {

        @Override
        public int compareTo(SequenceKey other) {
            return encoding.compareTo(other.encoding);
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
     * Converts a key to a Java object such that two results are equal if and only if the keys are equal in Python.
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
                var encoding = new StringBuilder("(");
                for (var item : tuple.items()) {
                    encode(hashed(item, budget, level + 1), encoding, budget);
                }
                yield new SequenceKey(encoding.toString());
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

    private static void encode(Object key, StringBuilder encoding, Budget budget) {
        int lengthBefore = encoding.length();
        switch (key) {
            case String text -> {
                budget.allocate(text.length());
                encoding.append('s').append(text.length()).append(':').append(text);
            }
            case SequenceKey inner -> {
                budget.allocate(inner.encoding().length());
                encoding.append('t')
                        .append(inner.encoding().length())
                        .append(':')
                        .append(inner.encoding());
            }
            case Long number -> encoding.append('i').append((long) number).append(';');
            case BigInteger number -> encoding.append('i').append(number).append(';');
            case Double number -> encoding.append('f').append((double) number).append(';');
            case None _ -> encoding.append('n');
            case Class<?> _ -> encoding.append('u');
            default ->
                throw new EvaluationException(
                        "a tuple that contains a %s is not supported as a key".formatted(Values.typeName(key)));
        }
        budget.allocate(Budget.OBJECT + encoding.length() - (long) lengthBefore);
    }

    private static Object hashed(double number) {
        if (number != Math.rint(number) || Double.isInfinite(number)) {
            return number;
        }
        return Arithmetic.normalized(new BigDecimal(number).toBigInteger());
    }
}
