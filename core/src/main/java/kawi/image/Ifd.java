package kawi.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/** The integers of a directory of tags. */
final class Ifd {

    /*
     * The first image file directory of a TIFF file or of the metadata of EXIF, which is a TIFF file without an image.
     *
     *     header     byte order "II" or "MM", 42 (u16), offset of the directory (u32)
     *     directory  number of entries (u16), entries
     *     entry      tag (u16), type (u16), count (u32), the values if they fit into 4 bytes, else their offset (u32)
     *
     * Reference: TIFF, revision 6.0, section 2.
     */

    private record Entry(int type, int count, int offset) {}

    private final ByteBuffer file;
    private final Map<Integer, Entry> entries = new HashMap<>();

    private Ifd(ByteBuffer file) {
        this.file = file;
    }

    /**
     * Reads a directory.
     *
     * @throws IOException if it is damaged
     */
    static Ifd read(ByteBuffer data) throws IOException {
        try {
            ByteBuffer file = data.slice().order(data.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
            Ifd ifd = new Ifd(file);
            int offset = file.getInt(4);
            int count = file.getShort(offset) & 0xffff;
            for (int i = 0, at = offset + 2; i < count; i++, at += 12) {
                int type = file.getShort(at + 2) & 0xffff;
                int number = file.getInt(at + 4);
                long bytes = (number & 0xffff_ffffL) * size(type);
                int values = bytes <= 4 ? at + 8 : file.getInt(at + 8);
                if (values < 0 || values + bytes > file.limit()) {
                    throw new IOException(
                            "the values of tag %d are not inside the file".formatted(file.getShort(at) & 0xffff));
                }
                ifd.entries.put(file.getShort(at) & 0xffff, new Entry(type, number, values));
            }
            return ifd;
        } catch (IndexOutOfBoundsException e) {
            throw new IOException("its directory of tags is not inside the file", e);
        }
    }

    /** Returns the orientation that the metadata of EXIF has; damaged metadata has none. */
    static Orientation orientation(ByteBuffer exif) {
        try {
            return read(exif).orientation();
        } catch (IOException e) {
            return Orientation.TOP_LEFT;
        }
    }

    Orientation orientation() {
        return Orientation.of(first(Orientation.TAG, 1));
    }

    /** Returns the first integer of a tag, or the given one if the directory does not have it. */
    long first(int tag, long absent) {
        Entry entry = entries.get(tag);
        return entry == null || entry.count == 0 ? absent : value(entry, 0);
    }

    int count(int tag) {
        Entry entry = entries.get(tag);
        return entry == null ? 0 : entry.count;
    }

    long value(int tag, int index) throws IOException {
        Entry entry = entries.get(tag);
        if (entry == null || index >= entry.count) {
            throw new IOException("tag %d has %d values; number %d is needed".formatted(tag, count(tag), index + 1));
        }
        return value(entry, index);
    }

    private long value(Entry entry, int index) {
        int at = entry.offset + index * (int) size(entry.type);
        return switch (entry.type) {
            case 1, 7 -> file.get(at) & 0xff;
            case 3 -> file.getShort(at) & 0xffff;
            case 4 -> file.getInt(at) & 0xffff_ffffL;
            default -> 0;
        };
    }

    /** Returns the bytes of a value. */
    private static long size(int type) {
        return switch (type) {
            case 3, 8 -> 2;
            case 4, 9, 11, 13 -> 4;
            case 5, 10, 12 -> 8;
            default -> 1;
        };
    }
}
