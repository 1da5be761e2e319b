package kawi.assembler;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Code under construction: bytes, labels, the 32-bit distances to them, and the constants that follow the code.
 *
 * <p>This class uses no lambdas: it runs in the first milliseconds of a process, when creating a lambda takes as long
 * as emitting a kernel.
 */
public final class CodeBuffer {

    private static final int ALIGNMENT = 64;

    /** A 32-bit distance at {@code at} to {@code target}, counted from {@code end}. */
    private record Distance(int at, int end, int extra, Label target) {}

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
        distances.add(new Distance(size, size + 4 + after, extra, target));
        putInt(0);
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
            long value = (long) distance.target.position + distance.extra - distance.end;
            if (value != (int) value) {
                throw new IllegalStateException("a distance of %d bytes does not fit in 32 bits".formatted(value));
            }
            for (int i = 0; i < 4; i++) {
                bytes[distance.at + i] = (byte) (value >> (8 * i));
            }
        }
        return Arrays.copyOf(bytes, size);
    }
}
