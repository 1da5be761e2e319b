package kawi.gguf;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import kawi.ModelFileException;
import kawi.files.FileBytes;
import kawi.tokenizer.GgufStrings;

/**
 * The typed key-value pairs at the start of a GGUF file.
 *
 * <p>Values are decoded on request. Integers of all widths are read alike, as long as the value fits, and so are
 * floats, for which an integer may stand. A key that is missing, has another type or does not fit causes a
 * {@link ModelFileException} that names the file, the key, the offset, and what was found and expected. After the file
 * is closed every getter throws {@link IllegalStateException}.
 */
public final class Metadata {

    /** Far more than the strings of any vocabulary need. */
    private static final int MAX_COPY_BYTES = 1 << 29;

    private static final String KEY = "key";

    /** -1 in 32 bits without sign, which writers use for an id that does not exist. */
    private static final long NO_ID = 0xFFFF_FFFFL;

    /** More ids than any model has under a key. */
    private static final int MAX_IDS = 1 << 16;

    private static final MetadataType[] INTEGERS =
            Arrays.stream(MetadataType.values()).filter(MetadataType::isInteger).toArray(MetadataType[]::new);

    private final FileBytes file;
    private final LinkedHashMap<String, Entry> entries = new LinkedHashMap<>();

    /** The start and end of the value of a key. */
    private record Entry(MetadataType type, long offset, long end) {}

    private Metadata(FileBytes file) {
        this.file = file;
    }

    /** Reads and checks {@code count} pairs at {@code cursor}. */
    static Metadata read(FileBytes file, Cursor cursor, int count) {
        var metadata = new Metadata(file);
        for (int i = 0; i < count; i++) {
            cursor.reading("metadata entry " + i, null);
            long at = cursor.position();
            String key = cursor.name();
            cursor.reading(KEY, key);
            MetadataType type = cursor.type();
            if (metadata.has(key)) {
                throw cursor.failure(at, "the key is declared twice");
            }
            long offset = cursor.position();
            cursor.skip(type);
            metadata.entries.put(key, new Entry(type, offset, cursor.position()));
        }
        return metadata;
    }

    /** All keys, in file order. */
    public Set<String> keys() {
        return Collections.unmodifiableSet(entries.keySet());
    }

    /** Whether there is a value of any type for {@code key}. */
    public boolean has(String key) {
        return entries.containsKey(key);
    }

    /** The type of the value of {@code key}. */
    public MetadataType type(String key) {
        return entry(key, "a value").type();
    }

    /**
     * The value of {@code key}, for display or copying: a {@link String}, {@link Boolean}, {@link Float}, {@link
     * Double}, {@link Long} for all integers ({@link java.math.BigInteger} for a {@code u64} that does not fit), or
     * {@link MetadataArray}.
     */
    public Object value(String key) {
        Entry entry = entry(key, "a value");
        return cursor(key, entry).value(entry.type());
    }

    /** The string for {@code key}. */
    public String string(String key) {
        Entry entry = entry(key, "a string");
        expect(key, entry, entry.type() == MetadataType.STRING, "a string");
        return cursor(key, entry).string();
    }

    /** The string for {@code key}, if the key exists. */
    public Optional<String> optionalString(String key) {
        return has(key) ? Optional.of(string(key)) : Optional.empty();
    }

    /** The integer for {@code key}. */
    public long integer(String key) {
        Entry entry = entry(key, "an integer");
        expect(key, entry, entry.type().isInteger(), "an integer");
        return cursor(key, entry).integer(entry.type());
    }

    /** The integer for {@code key}, which must be from {@code least} to {@code most}, inclusive. */
    public int integer(String key, int least, int most) {
        long value = integer(key);
        if (value < least || value > most) {
            Entry entry = entry(key, "an integer");
            throw cursor(key, entry)
                    .failure(
                            entry.offset(), "the value is %d, but must be from %d to %d".formatted(value, least, most));
        }
        return (int) value;
    }

    /** The integer for {@code key}, if the key exists; it must be from {@code least} to {@code most}, inclusive. */
    public OptionalInt optionalInteger(String key, int least, int most) {
        return has(key) ? OptionalInt.of(integer(key, least, most)) : OptionalInt.empty();
    }

    /**
     * The ids for {@code key}, which may have one integer or an array of integers; empty if the key does not exist. The
     * values -1 and 4294967295, which is -1 in 32 bits without sign, mean that there is no id.
     */
    public List<Integer> ids(String key) {
        if (!has(key)) {
            return List.of();
        }
        if (isArray(key) && arrayLength(key) > MAX_IDS) {
            Entry entry = entry(key, "ids");
            throw cursor(key, entry).failure(entry.offset(), "there are more than %d ids".formatted(MAX_IDS));
        }
        long[] found = isArray(key) ? longs(key) : new long[] {integer(key)};
        List<Integer> ids = new ArrayList<>();
        for (long id : found) {
            if (id == -1 || id == NO_ID) {
                continue;
            }
            if (id < 0 || id > Integer.MAX_VALUE) {
                Entry entry = entry(key, "an id");
                throw cursor(key, entry).failure(entry.offset(), "%d is not the id of a token".formatted(id));
            }
            ids.add((int) id);
        }
        return List.copyOf(ids);
    }

    /** The number for {@code key}, which may be an integer. */
    public double floating(String key) {
        Entry entry = entry(key, "a number");
        expect(key, entry, entry.type().isFloating() || entry.type().isInteger(), "a number");
        return entry.type().isInteger()
                ? cursor(key, entry).integer(entry.type())
                : cursor(key, entry).floating(entry.type());
    }

    /** The number for {@code key}, if the key exists; it may be an integer. */
    public OptionalDouble optionalFloating(String key) {
        return has(key) ? OptionalDouble.of(floating(key)) : OptionalDouble.empty();
    }

    /** The boolean for {@code key}. */
    public boolean bool(String key) {
        Entry entry = entry(key, "a bool");
        expect(key, entry, entry.type() == MetadataType.BOOL, "a bool");
        return cursor(key, entry).bool();
    }

    /** The boolean for {@code key}, if the key exists. */
    public Optional<Boolean> optionalBool(String key) {
        return has(key) ? Optional.of(bool(key)) : Optional.empty();
    }

    /** Whether the value of {@code key} is an array; false if the key does not exist. */
    public boolean isArray(String key) {
        Entry entry = entries.get(key);
        return entry != null && entry.type() == MetadataType.ARRAY;
    }

    /** The number of elements of the array for {@code key}. */
    public int arrayLength(String key) {
        Entry entry = entry(key, "an array");
        expect(key, entry, entry.type() == MetadataType.ARRAY, "an array");
        Cursor cursor = cursor(key, entry);
        return cursor.elementCount(cursor.type());
    }

    /** Whether the value of {@code key} is an array of booleans; false if the key does not exist. */
    public boolean isArrayOfBools(String key) {
        Entry entry = entries.get(key);
        return entry != null
                && entry.type() == MetadataType.ARRAY
                && cursor(key, entry).type() == MetadataType.BOOL;
    }

    /**
     * The array of strings for {@code key}: a view that decodes an element on each request, and throws {@link
     * ModelFileException} for an element that is not UTF-8.
     */
    public List<String> strings(String key) {
        Cursor cursor = arrayOf(key, "an array of strings", MetadataType.STRING);
        return cursor.array((element, type) -> element.string());
    }

    /** A copy of the encoded array of strings for {@code key}, for reading all elements of a long array. */
    public GgufStrings packedStrings(String key) {
        Cursor cursor = arrayOf(key, "an array of strings", MetadataType.STRING);
        int count = cursor.elementCount(cursor.type());
        long bytes = entry(key, "an array of strings").end() - cursor.position();
        if (bytes > MAX_COPY_BYTES) {
            throw cursor.failure(
                    cursor.position(),
                    "%d strings have %d bytes, more than the %d that are read".formatted(count, bytes, MAX_COPY_BYTES));
        }
        return new GgufStrings(cursor.bytes((int) bytes), count);
    }

    /** The array of integers for {@code key}, each of which must fit an {@code int}. */
    public int[] ints(String key) {
        Cursor cursor = arrayOf(key, "an array of integers", INTEGERS);
        MetadataType type = cursor.type();
        int[] elements = new int[cursor.elementCount(type)];
        if (type == MetadataType.INT32) {
            cursor.copyInts(elements); // the types of a quarter of a million tokens
            return elements;
        }
        for (int i = 0; i < elements.length; i++) {
            long at = cursor.position();
            long value = cursor.integer(type);
            if (value != (int) value) {
                throw cursor.failure(at, "the element %d does not fit 32 bits".formatted(value));
            }
            elements[i] = (int) value;
        }
        return elements;
    }

    /** The array of integers for {@code key}. */
    public long[] longs(String key) {
        Cursor cursor = arrayOf(key, "an array of integers", INTEGERS);
        MetadataType type = cursor.type();
        long[] elements = new long[cursor.elementCount(type)];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = cursor.integer(type);
        }
        return elements;
    }

    /** The array of numbers for {@code key}, whose elements must be floats. */
    public float[] floats(String key) {
        Cursor cursor = arrayOf(key, "an array of floats", MetadataType.FLOAT32, MetadataType.FLOAT64);
        List<Double> elements = cursor.array((element, type) -> element.floating(type));
        float[] values = new float[elements.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = elements.get(i).floatValue();
        }
        return values;
    }

    /** The array of booleans for {@code key}. */
    public boolean[] bools(String key) {
        Cursor cursor = arrayOf(key, "an array of bools", MetadataType.BOOL);
        List<Boolean> elements = cursor.array((element, type) -> element.bool());
        boolean[] values = new boolean[elements.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = elements.get(i);
        }
        return values;
    }

    /** A cursor at the array for {@code key}, whose elements must have one of the {@code elementTypes}. */
    private Cursor arrayOf(String key, String expected, MetadataType... elementTypes) {
        Entry entry = entry(key, expected);
        expect(key, entry, entry.type() == MetadataType.ARRAY, expected);
        MetadataType elementType = cursor(key, entry).type();
        if (!List.of(elementTypes).contains(elementType)) {
            throw cursor(key, entry)
                    .failure(
                            entry.offset(),
                            "found an array of type %s, but expected %s".formatted(elementType, expected));
        }
        return cursor(key, entry);
    }

    private Entry entry(String key, String expected) {
        Entry entry = entries.get(key);
        if (entry == null) {
            throw new ModelFileException("%s: key %s is missing; expected %s".formatted(file.name(), key, expected));
        }
        return entry;
    }

    private void expect(String key, Entry entry, boolean met, String expected) {
        if (!met) {
            throw cursor(key, entry)
                    .failure(
                            entry.offset(),
                            "found a value of type %s, but expected %s".formatted(entry.type(), expected));
        }
    }

    private Cursor cursor(String key, Entry entry) {
        return new Cursor(file, KEY, key, entry.offset());
    }
}
