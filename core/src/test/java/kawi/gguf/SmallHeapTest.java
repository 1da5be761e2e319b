package kawi.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import kawi.files.ChildJvm;
import kawi.files.Fixture;
import org.junit.jupiter.api.Test;

/**
 * No count, length or offset in a file makes the reader allocate memory for data that is not in the file: in a Java
 * process with a heap of 24 MB, files with inflated numbers are all rejected or read, and none of them causes an {@link
 * OutOfMemoryError}.
 */
class SmallHeapTest {

    private static final long[] INFLATED = {
        1L << 24, (1L << 24) - 1, 1L << 28, (1L << 31) - 1, 1L << 31, 1L << 40, 1L << 60, Long.MAX_VALUE, -1
    };

    @Test
    void inflatedNumbersCostNoMemory() throws IOException, InterruptedException {
        ChildJvm.Outcome outcome =
                ChildJvm.run("-Xmx24m", "-XX:+UseSerialGC", "-cp", ChildJvm.classPath(), SmallHeapTest.class.getName());
        assertEquals("refused or read: all", outcome.output().strip());
        assertEquals(0, outcome.exitCode());
    }

    /** Puts each inflated number at each byte of the head. */
    public static void main(String[] arguments) {
        MemorySegment fixture = MemorySegment.ofArray(Fixture.bytes(Fixture.Q8_0_GGUF));
        byte[] sound = GgufBytes.shortened(GgufFile.of(fixture, "fixture"));
        int head = GgufPropertyTest.headLength(sound);
        byte[] bytes = sound.clone();
        for (int at = 8; at < head; at++) {
            for (long value : INFLATED) {
                GgufBytes.putLong(bytes, at, value);
                GgufPropertyTest.assertRefusedOrFaithful(bytes);
            }
            System.arraycopy(sound, at, bytes, at, Long.BYTES);
        }
        System.out.println("refused or read: all");
    }
}
