package kawi.files;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.Tuple;

/** One way of damaging a file. */
public sealed interface Mutation {

    /** The bytes of the damaged file; {@code bytes} may be changed and returned. */
    byte[] apply(byte[] bytes);

    record Flip(int at, int mask) implements Mutation {
        @Override
        public byte[] apply(byte[] bytes) {
            if (at < bytes.length) {
                bytes[at] ^= (byte) mask;
            }
            return bytes;
        }
    }

    record Truncate(int length) implements Mutation {
        @Override
        public byte[] apply(byte[] bytes) {
            return Arrays.copyOf(bytes, Math.min(length, bytes.length));
        }
    }

    /** Overwrites what may be a count, a length, an offset or a type. */
    record PutNumber(int at, long value, int size) implements Mutation {
        @Override
        public byte[] apply(byte[] bytes) {
            byte[] number = ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(value)
                    .array();
            System.arraycopy(number, 0, bytes, Math.min(at, bytes.length), Math.clamp(bytes.length - at, 0, size));
            return bytes;
        }
    }

    /** Overwrites part of a text with another text. */
    record PutText(int at, String text) implements Mutation {
        @Override
        public byte[] apply(byte[] bytes) {
            byte[] replacement = text.getBytes(StandardCharsets.US_ASCII);
            int start = Math.min(at, bytes.length);
            System.arraycopy(replacement, 0, bytes, start, Math.min(replacement.length, bytes.length - start));
            return bytes;
        }
    }

    /** Removes a block, or inserts a copy of another block. */
    record Splice(int from, int length, int to, boolean remove) implements Mutation {
        @Override
        public byte[] apply(byte[] bytes) {
            int start = Math.min(from, bytes.length);
            int end = Math.min(start + length, bytes.length);
            int target = Math.min(to, bytes.length);
            var out = new ByteArrayOutputStream();
            if (remove) {
                out.write(bytes, 0, start);
                out.write(bytes, end, bytes.length - end);
            } else {
                out.write(bytes, 0, target);
                out.write(bytes, start, end - start);
                out.write(bytes, target, bytes.length - target);
            }
            return out.toByteArray();
        }
    }

    static byte[] all(List<Mutation> mutations, byte[] original) {
        byte[] bytes = original.clone();
        for (Mutation mutation : mutations) {
            bytes = mutation.apply(bytes);
        }
        return bytes;
    }

    /** Damage that lies mostly in the first {@code head} of {@code length} bytes. */
    static Arbitrary<Mutation> arbitrary(int head, int length) {
        Arbitrary<Integer> at = Arbitraries.frequencyOf(
                Tuple.of(9, Arbitraries.integers().between(0, head).withDistribution(uniform())),
                Tuple.of(1, Arbitraries.integers().between(0, length).withDistribution(uniform())));
        Arbitrary<Long> number = Arbitraries.oneOf(
                Arbitraries.integers().between(0, 63).map(shift -> 1L << shift),
                Arbitraries.integers().between(0, 63).map(shift -> (1L << shift) - 1),
                Arbitraries.longs().between(-40, 40),
                Arbitraries.longs());
        Arbitrary<Integer> block = Arbitraries.integers().between(1, 200);
        return Arbitraries.oneOf(
                Combinators.combine(at, Arbitraries.integers().between(1, 255)).as(Flip::new),
                at.map(Truncate::new),
                Combinators.combine(at, number, Arbitraries.of(4, 8)).as(PutNumber::new),
                Combinators.combine(at, block, at, Arbitraries.of(true, false)).as(Splice::new));
    }

    private static RandomDistribution uniform() {
        return RandomDistribution.uniform();
    }
}
