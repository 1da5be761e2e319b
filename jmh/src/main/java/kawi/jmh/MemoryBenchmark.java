package kawi.jmh;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The yardsticks: how fast this machine streams memory. Reading is the roofline of decoding, which reads every weight
 * once per token. Each thread has its own 256 MiB off heap, more than caches hold. An operation is one byte, so
 * {@code ops/s} is bytes per second, of all threads together; {@code -t} sets how many.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsPrepend = {Tiers.VECTOR_FLAG, Tiers.NATIVE_FLAG})
@State(Scope.Thread)
public class MemoryBenchmark {

    private static final int BYTES = 256 << 20;
    private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED;
    private static final int STEP = LONGS.vectorByteSize();

    private Arena arena;
    private MemorySegment data;
    private MemorySegment copy;

    @Setup
    public void allocate() {
        arena = Arena.ofConfined();
        data = arena.allocate(BYTES, 64).fill((byte) 1);
        copy = arena.allocate(BYTES, 64).fill((byte) 2);
    }

    @TearDown
    public void release() {
        arena.close();
    }

    /** Sums all numbers. Four sums, so that no addition waits for the one before it. */
    @Benchmark
    @OperationsPerInvocation(BYTES)
    public long read() {
        var order = ByteOrder.nativeOrder();
        var sum0 = LongVector.zero(LONGS);
        var sum1 = LongVector.zero(LONGS);
        var sum2 = LongVector.zero(LONGS);
        var sum3 = LongVector.zero(LONGS);
        for (int i = 0; i < BYTES; i += 4 * STEP) {
            sum0 = sum0.add(LongVector.fromMemorySegment(LONGS, data, i, order));
            sum1 = sum1.add(LongVector.fromMemorySegment(LONGS, data, i + STEP, order));
            sum2 = sum2.add(LongVector.fromMemorySegment(LONGS, data, i + 2 * STEP, order));
            sum3 = sum3.add(LongVector.fromMemorySegment(LONGS, data, i + 3 * STEP, order));
        }
        return sum0.add(sum1).add(sum2.add(sum3)).reduceLanes(VectorOperators.ADD);
    }

    /** A byte copied is a byte read and a byte written, and counts once. */
    @Benchmark
    @OperationsPerInvocation(BYTES)
    public MemorySegment copy() {
        return copy.copyFrom(data);
    }
}
