package kawi.gguf;

import java.util.AbstractList;
import java.util.Objects;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/**
 * A view of a metadata array that decodes an element on each request. A vocabulary of 248,000 tokens takes only the
 * memory of its offsets, and elements of a fixed size need no offsets.
 */
final class LazyArray<T> extends AbstractList<T> implements RandomAccess {

    private final Cursor cursor;
    private final MetadataType type;
    private final Cursor.Element<T> element;
    private final int size;
    private final long first;
    private final long @Nullable [] offsets;

    /**
     * @param first byte offset of element 0
     * @param offsets byte offset of every element, or null if all have the same size
     */
    LazyArray(
            Cursor cursor,
            MetadataType type,
            Cursor.Element<T> element,
            int size,
            long first,
            long @Nullable [] offsets) {
        this.cursor = cursor;
        this.type = type;
        this.element = element;
        this.size = size;
        this.first = first;
        this.offsets = offsets;
    }

    MetadataType elementType() {
        return type;
    }

    @Override
    public T get(int index) {
        Objects.checkIndex(index, size);
        long at = offsets == null ? first + (long) index * type.minimumBytes() : offsets[index];
        synchronized (cursor) {
            cursor.seek(at);
            return element.read(cursor, type);
        }
    }

    @Override
    public int size() {
        return size;
    }
}
