package kawi.assembler;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The part of an assembler that does not depend on the instruction set: labels, constants and the end.
 *
 * @param <M> an operand in memory
 */
public abstract class CodeAssembler<M> {

    protected final CodeBuffer code;

    /** @param fillers see {@link CodeBuffer#CodeBuffer} */
    protected CodeAssembler(byte[][] fillers) {
        this.code = new CodeBuffer(fillers);
    }

    /** The bytes at {@code place} as an operand. */
    protected abstract M at(Label place);

    public final Label label() {
        return new Label(code);
    }

    /** A label at the current position. */
    public final Label here() {
        Label label = label();
        bind(label);
        return label;
    }

    public final void bind(Label label) {
        code.bind(label);
    }

    /** Continues at a multiple of {@code alignment}, a power of two, for the targets of hot branches. */
    public final void align(int alignment) {
        code.align(alignment);
    }

    /** {@code count} times the same 32 bits in memory behind the code. */
    public final M constant(int bits, int count) {
        return constant(Collections.nCopies(count, bits));
    }

    /** 32-bit words in memory behind the code, aligned to their size. */
    public final M constant(List<Integer> bits) {
        return at(code.constant(List.copyOf(bits)));
    }

    /** Bytes in memory behind the code, aligned to their number, a multiple of 4. */
    public final M constantBytes(int... bytes) {
        if (bytes.length % 4 != 0) {
            throw new IllegalArgumentException(
                    "a constant of %d bytes: its length is a multiple of 4".formatted(bytes.length));
        }
        List<Integer> words = new ArrayList<>(bytes.length / 4);
        for (int i = 0; i < bytes.length; i += 4) {
            words.add((bytes[i] & 255)
                    | (bytes[i + 1] & 255) << 8
                    | (bytes[i + 2] & 255) << 16
                    | (bytes[i + 3] & 255) << 24);
        }
        return constant(words);
    }

    /** The code, with its constants behind it. */
    public final byte[] finish() {
        return code.finish();
    }
}
