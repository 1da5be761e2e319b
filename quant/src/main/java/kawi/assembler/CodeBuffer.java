package kawi.assembler;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Code under construction: bytes, labels, the distances to them, and the constants that follow the code.
 *
 * <p>This class uses no lambdas: it runs in the first milliseconds of a process, when creating a lambda takes as long
 * as emitting a kernel.
 */
public final class CodeBuffer {

    private static final int ALIGNMENT = 64;

    /** A distance in the word at {@code at} to {@code target + extra}, counted from {@code origin}. */
    private record Distance(int at, int origin, int extra, Label target, DistanceField field) {}

    /** A word that is the distance. */
    private enum WholeWord implements DistanceField {
        WHOLE_WORD;

        @Override
        public int insert(int word, long distance) {
            if (distance != (int) distance) {
                throw new IllegalStateException("a distance of %d bytes does not fit in 32 bits".formatted(distance));
            }
            return (int) distance;
        }
    }

    private final List<Distance> distances = new ArrayList<>();
    private final Map<List<Integer>, Label> constants = new LinkedHashMap<>();
    private final byte[][] fillers;
    private byte[] bytes = new byte[1024];
    private int size;

    /** @param fillers instructions without effect, one of each length, shortest first */
    public CodeBuffer(byte[][] fillers) {
        this.fillers = fillers;
    }

    int size() {
        return size;
    }

    public void put(int value) {
        if (size == bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * size);
        }
        bytes[size++] = (byte) value;
    }

    public void putBytes(int... values) {
        for (int value : values) {
            put(value);
        }
    }

    public void putInt(int value) {
        put(value);
        put(value >> 8);
        put(value >> 16);
        put(value >> 24);
    }

    public void putLong(long value) {
        putInt((int) value);
        putInt((int) (value >> 32));
    }

    /**
     * Reserves the distance to {@code target + extra} from the end of the instruction, which has {@code after} bytes
     * behind the distance.
     */
    public void putDistance(Label target, int extra, int after) {
        checkOwn(target);
        distances.add(new Distance(size, size + 4 + after, extra, target, WholeWord.WHOLE_WORD));
        putInt(0);
    }

    /** Puts an instruction of 32 bits with a field for the distance to {@code target + extra} from its beginning. */
    public void putWithDistance(int instruction, DistanceField field, Label target, int extra) {
        checkOwn(target);
        distances.add(new Distance(size, size, extra, target, field));
        putInt(instruction);
    }

    public void bind(Label label) {
        checkOwn(label);
        if (label.position != Label.UNBOUND) {
            throw new IllegalStateException("the label is bound already");
        }
        label.position = size;
    }

    private void checkOwn(Label label) {
        if (label.code != this) {
            throw new IllegalArgumentException("the label belongs to another assembler's code");
        }
    }

    /** Pads with instructions without effect. */
    public void align(int alignment) {
        if (Integer.bitCount(alignment) != 1 || alignment < 0) {
            throw new IllegalArgumentException("alignment to %d: it is a power of two".formatted(alignment));
        }
        int missing = -size & (alignment - 1);
        while (missing > 0) {
            byte[] filler = longestFiller(missing);
            for (byte b : filler) {
                put(b);
            }
            missing -= filler.length;
        }
    }

    private byte[] longestFiller(int atMost) {
        int i = fillers.length - 1;
        while (fillers[i].length > atMost) {
            i--;
        }
        return fillers[i];
    }

    /** The label of these ints among the constants. */
    public Label constant(List<Integer> ints) {
        if (ints.isEmpty()) {
            throw new IllegalArgumentException("a constant without a value");
        }
        Label label = constants.get(ints);
        if (label == null) {
            label = new Label(this);
            constants.put(ints, label);
        }
        return label;
    }

    /** The finished code, with constants placed and distances filled in. */
    public byte[] finish() {
        for (Map.Entry<List<Integer>, Label> constant : constants.entrySet()) {
            align(Math.min(ALIGNMENT, Integer.highestOneBit(constant.getKey().size() * Integer.BYTES)));
            bind(constant.getValue());
            for (int word : constant.getKey()) {
                putInt(word);
            }
        }
        constants.clear();
        for (Distance distance : distances) {
            if (distance.target.position == Label.UNBOUND) {
                throw new IllegalStateException("a label is used, but not bound");
            }
            long value = (long) distance.target.position + distance.extra - distance.origin;
            setInt(distance.at, distance.field.insert(intAt(distance.at), value));
        }
        return Arrays.copyOf(bytes, size);
    }

    private int intAt(int at) {
        int value = 0;
        for (int i = 3; i >= 0; i--) {
            value = value << 8 | (bytes[at + i] & 255);
        }
        return value;
    }

    private void setInt(int at, int value) {
        for (int i = 0; i < 4; i++) {
            bytes[at + i] = (byte) (value >> (8 * i));
        }
    }
}
