package kawi.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestBodiesTest {

    private static final int LIMIT = 100_000;

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    private static InputStream in(int count) {
        return new ByteArrayInputStream(bytes(count));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 16_383, 16_384, 16_385, 50_000, LIMIT - 1, LIMIT})
    void aBodyIsReadWithOrWithoutItsLength(int count) throws Exception {
        RequestBodies bodies = new RequestBodies(LIMIT, 2 * LIMIT);
        assertArrayEquals(bytes(count), bodies.read(in(count), count).bytes());
        assertArrayEquals(
                bytes(count),
                new RequestBodies(LIMIT, 2 * LIMIT).read(in(count), -1).bytes());
    }

    @Test
    void aLargerBodyIsRefused() {
        RequestBodies bodies = new RequestBodies(LIMIT, 2 * LIMIT);
        for (long length : new long[] {-1, LIMIT + 1, Long.MAX_VALUE}) {
            Refusal refusal = assertThrows(Refusal.class, () -> bodies.read(in(LIMIT + 1), length));
            assertEquals(413, refusal.status());
        }
    }

    @Test
    void allBodiesTogetherHaveALimit() throws Exception {
        RequestBodies bodies = new RequestBodies(LIMIT, 3 * LIMIT);
        List<RequestBodies.Body> open = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            open.add(bodies.read(in(90_000), 90_000));
        }
        Refusal refusal = assertThrows(Refusal.class, () -> bodies.read(in(90_000), 90_000));
        assertEquals(503, refusal.status());
        assertEquals("1", refusal.response().headers().get("Retry-After"));
        open.removeFirst().close();
        bodies.read(in(90_000), 90_000);
    }

    @Test
    void aFailureReturnsTheShare() throws Exception {
        RequestBodies bodies = new RequestBodies(LIMIT, LIMIT + 1);
        InputStream broken = new SequenceInputStream(in(50_000), new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("closed");
            }

            @Override
            public int read(byte[] bytes, int offset, int count) throws IOException {
                throw new IOException("closed");
            }
        });
        for (int i = 0; i < 5; i++) {
            assertThrows(IOException.class, () -> bodies.read(broken, LIMIT));
        }
        bodies.read(in(LIMIT), LIMIT);
    }

    @Test
    void anAnnouncedLengthTakesNoMemory() throws Exception {
        RequestBodies bodies = new RequestBodies(1 << 30, 1 << 20);
        List<RequestBodies.Body> open = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            open.add(bodies.read(in(10), 1 << 30)); // ends early; the stream of the server would fail
        }
        assertEquals(50, open.size());
    }
}
