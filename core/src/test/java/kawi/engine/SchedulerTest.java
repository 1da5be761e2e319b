package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.IntToLongFunction;
import kawi.architecture.Batch;
import kawi.architecture.Decoder;
import kawi.architecture.Outputs;
import kawi.architecture.SequenceState;
import kawi.kernels.Activations;
import kawi.speculation.DraftDepth;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What passes consist of, shown by their rows; the time is what the test says it is. */
@Timeout(60)
class SchedulerTest {

    private static final int VOCABULARY = 1000;

    /** The number of tokens after which a sequence counts as one that decodes. */
    private static final int STARTED = 8;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicLong time = new AtomicLong(1);
    private final List<SequenceState> states = Collections.synchronizedList(new ArrayList<>());
    private static LoadedModel model;
    private Recorded decoder;
    private Scheduler scheduler;

    @BeforeAll
    static void load() throws IOException {
        model = DemoConversations.loader().threads(1).kernels("scalar").load();
    }

    @AfterAll
    static void closeModel() {
        model.close();
    }

    @BeforeEach
    void begin() {
        decoder = new Recorded(model.decoder());
        scheduler = new Scheduler(decoder, model.lifetime(), time::get, null);
    }

    @AfterEach
    void close() {
        threads.shutdownNow();
        states.forEach(SequenceState::close);
    }

    /** The rows of one pass for each sequence, in order. */
    private record Pass(List<SequenceState> sequences, List<Integer> rows) {
        int all() {
            return rows.stream().mapToInt(Integer::intValue).sum();
        }
    }

    /** A decoder that records its passes, takes the time that it is told to take, and can be held or fail. */
    private final class Recorded implements Decoder {
        private final Decoder decoder;
        private final List<Pass> passes = Collections.synchronizedList(new ArrayList<>());
        private IntToLongFunction nanos = rows -> 1_000_000;
        private volatile CountDownLatch inside = new CountDownLatch(0);
        private volatile CountDownLatch goOn = new CountDownLatch(0);
        private volatile @Nullable Throwable failure;

        Recorded(Decoder decoder) {
            this.decoder = decoder;
        }

        void hold() {
            goOn = new CountDownLatch(1);
            inside = new CountDownLatch(1);
        }

        @Override
        public void forward(Batch batch, BooleanSupplier cancelled) {
            List<SequenceState> sequences = new ArrayList<>();
            List<Integer> rows = new ArrayList<>();
            for (int span = 0; span < batch.spans(); span++) {
                sequences.add(batch.sequence(span));
                rows.add(batch.rows(span));
            }
            if (batch.rows() > 0) {
                passes.add(new Pass(sequences, rows));
                time.addAndGet(nanos.applyAsLong(batch.rows()));
            }
            CountDownLatch gate = goOn;
            inside.countDown();
            SchedulerTest.await(gate);
            Throwable thrown = failure;
            failure = null;
            if (thrown instanceof Error error) {
                throw error;
            }
            decoder.forward(batch, cancelled);
        }

        @Override
        public int vocabularySize() {
            return decoder.vocabularySize();
        }

        @Override
        public int hiddenSize() {
            return decoder.hiddenSize();
        }

        @Override
        public SequenceState newSequence() {
            return decoder.newSequence();
        }

        @Override
        public void logits(SequenceState sequence, int output, float[] row) {
            decoder.logits(sequence, output, row);
        }

        @Override
        public Activations logits(Outputs outputs) {
            return decoder.logits(outputs);
        }

        @Override
        public void close() {}
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(50, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static Throwable failure(Future<?> future) {
        return Objects.requireNonNull(assertThrows(ExecutionException.class, () -> future.get(50, TimeUnit.SECONDS))
                .getCause());
    }

    private PassRequest request() {
        SequenceState state = model.newState();
        states.add(state);
        return new PassRequest(state);
    }

    private static int[] tokens(int count) {
        int[] tokens = new int[count];
        for (int i = 0; i < count; i++) {
            tokens[i] = i * 31 % VOCABULARY;
        }
        return tokens;
    }

    /** Starts a request and waits until it waits for the pass that is held. */
    private Future<?> waiting(PassRequest request, int rows, AtomicBoolean cancelled) {
        CountDownLatch asked = new CountDownLatch(1);
        request.append(tokens(rows), 0, rows, rows > 1, false);
        request.stop = () -> {
            asked.countDown();
            return cancelled.get();
        };
        Future<?> future = threads.submit(() -> {
            scheduler.run(request);
            scheduler.leave(request);
        });
        await(asked);
        return future;
    }

    private Future<?> waiting(PassRequest request, int rows) {
        return waiting(request, rows, new AtomicBoolean());
    }

    /** Begins a pass of a prompt that does not end before {@code decoder.goOn}. */
    private Future<?> held() {
        decoder.hold();
        PassRequest first = request();
        first.append(tokens(5), 0, 5, true, false);
        Future<?> future = threads.submit(() -> {
            scheduler.run(first);
            scheduler.leave(first);
        });
        await(decoder.inside);
        return future;
    }

    private List<Integer> rows(int pass) {
        return decoder.passes.get(pass).rows();
    }

    @Test
    void requestsThatWaitShareTheNextPass() throws Exception {
        List<Future<?>> all = new ArrayList<>();
        all.add(held());
        for (int prompt : new int[] {100, 200, 30}) {
            all.add(waiting(request(), prompt));
        }
        decoder.goOn.countDown();
        for (Future<?> each : all) {
            each.get(50, TimeUnit.SECONDS);
        }
        // Prompts in order of arrival, up to 256 rows.
        assertEquals(List.of(5), rows(0));
        assertEquals(List.of(100, 156), rows(1));
        assertEquals(List.of(44, 30), rows(2));
        assertEquals(3, decoder.passes.size());
    }

    @Test
    void singleTokensGoTogetherAndFirst() throws Exception {
        List<Future<?>> all = new ArrayList<>();
        all.add(held());
        PassRequest prompt = request();
        all.add(waiting(prompt, 100));
        for (int i = 0; i < 6; i++) {
            all.add(waiting(request(), 1));
        }
        decoder.goOn.countDown();
        for (Future<?> each : all) {
            each.get(50, TimeUnit.SECONDS);
        }
        // What is usual for six sequences is not known yet, so no rows of the prompt are added.
        assertEquals(List.of(1, 1, 1, 1, 1, 1), rows(1));
        assertEquals(List.of(100), rows(2));
        assertSame(prompt.state, decoder.passes.get(2).sequences().getFirst());
    }

    @Test
    void aCallerAloneNeedsOnePassForEachToken() {
        PassRequest request = request();
        for (int i = 0; i < 10; i++) {
            request.append(tokens(1), 0, 1, false, false);
            request.logits(-1, 1, new float[model.vocabularySize()]);
            scheduler.run(request);
        }
        assertEquals(10, decoder.passes.size());
        assertEquals(10, request.state.length());
        assertEquals(10, scheduler.activity(model.admission()).passes());
        assertEquals(10, scheduler.activity(model.admission()).decodedTokens());
    }

    /** What a pass costs is that of a token of an answer; without logits it is less, by a third in a small model. */
    @Test
    void aPassWithoutLogitsIsNoMeasureForGuesses() {
        PassRequest request = request();
        DraftDepth depth = new DraftDepth(scheduler.statistics(), 8);
        request.append(tokens(1), 0, 1, false, false);
        scheduler.run(request);
        assertEquals(0, depth.guesses(0), "nothing has been measured");
        request.append(tokens(1), 0, 1, false, false);
        request.logits(-1, 1, new float[model.vocabularySize()]);
        scheduler.run(request);
        assertTrue(depth.guesses(0) > 0);
    }

    /** Decodes on a thread of its own until told to stop, and counts {@code started} down after some tokens. */
    private Future<Integer> decoding(CountDownLatch started, AtomicBoolean stop) {
        PassRequest request = request();
        return threads.submit(() -> {
            int count = 0;
            while (!stop.get()) {
                request.append(new int[] {count % VOCABULARY}, 0, 1, false, false);
                request.logits(-1, 1, new float[model.vocabularySize()]);
                scheduler.run(request);
                if (++count == STARTED) {
                    started.countDown();
                }
            }
            scheduler.leave(request);
            return count;
        });
    }

    @ParameterizedTest
    @CsvSource({"20000, 5000, 3", "20000, 5000, 1", "1, 1000, 2", "100000, 100, 4", "25000, 300, 8"})
    void decodingKeepsAThirdOfItsSpeedWhileAPromptIsRead(long pass, long row, int sequences) throws Exception {
        decoder.nanos = rows -> 1000 * (pass + row * rows);
        CountDownLatch started = new CountDownLatch(sequences);
        AtomicBoolean stop = new AtomicBoolean();
        List<Future<Integer>> all = new ArrayList<>();
        for (int i = 0; i < sequences; i++) {
            all.add(decoding(started, stop));
        }
        await(started);
        PassRequest prompt = request();
        int[] tokens = tokens(900);
        for (int from = 0; from < 900; from += 256) {
            prompt.append(tokens, from, Math.min(900, from + 256), true, from > 0);
            scheduler.run(prompt);
        }
        scheduler.leave(prompt);
        stop.set(true);
        for (Future<Integer> each : all) {
            each.get(50, TimeUnit.SECONDS);
        }
        List<Pass> during = decoder.passes.stream()
                .dropWhile(each -> !each.sequences().contains(prompt.state))
                .toList();
        int last = 0;
        long nanos = 0;
        long usual = decoder.nanos.applyAsLong(sequences);
        for (int i = 0; i < during.size(); i++) {
            if (during.get(i).sequences().contains(prompt.state)) {
                last = i;
            }
        }
        for (Pass each : during.subList(0, last + 1)) {
            // A leader waits for all that decode, since the time stands still meanwhile.
            assertEquals(
                    sequences,
                    each.sequences().stream()
                            .filter(one -> !one.equals(prompt.state))
                            .count(),
                    "everyone has a token");
            assertTrue(decoder.nanos.applyAsLong(each.all()) < 4 * usual, each.toString());
            nanos += decoder.nanos.applyAsLong(each.all());
        }
        assertTrue(nanos <= 3 * usual * (last + 1), nanos + " in " + (last + 1));
        // The prompt has its share of the time as well: half of it, or a row in each pass, or all rows that fit.
        long share = 900L * row * 1000;
        assertTrue(nanos <= 2.2 * share + 40 * usual || (last <= 900 + 40 && row * 2 > pass), nanos + ", " + share);
    }

    @Test
    void aSequenceThatComesBackLateIsNotWaitedFor() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        PassRequest slow = request();
        slow.append(tokens(1), 0, 1, false, false);
        scheduler.run(slow);
        Future<Integer> quick = decoding(new CountDownLatch(1), stop);
        // The other sequence waits in vain, since it expects the slow one, until a quarter of a pass has gone by.
        while (decoder.passes.size() < 20) {
            time.addAndGet(100_000);
            Thread.sleep(1);
        }
        slow.append(tokens(1), 0, 1, false, false);
        scheduler.run(slow); // late, so that the next pass does not wait although the time stands still
        int passes = decoder.passes.size();
        while (decoder.passes.size() < passes + 20) {
            Thread.sleep(1);
        }
        stop.set(true);
        quick.get(50, TimeUnit.SECONDS);
    }

    @Test
    void cancellingOneCallerOfAPassEndsOnlyItsOwn() throws Exception {
        Future<?> first = held();
        AtomicBoolean cancelled = new AtomicBoolean();
        PassRequest one = request();
        PassRequest other = request();
        Future<?> oneRun = waiting(one, 300, cancelled);
        Future<?> otherRun = waiting(other, 40);
        CountDownLatch before = decoder.goOn;
        decoder.hold();
        before.countDown();
        await(decoder.inside);
        assertEquals(List.of(256), rows(1)); // the other waits
        cancelled.set(true);
        decoder.goOn.countDown();
        assertInstanceOf(CancellationException.class, failure(oneRun));
        otherRun.get(50, TimeUnit.SECONDS);
        first.get(50, TimeUnit.SECONDS);
        assertEquals(40, other.state.length());
        assertFalse(other.state.broken());
    }

    @Test
    void aSharedPassEndsEarlyOnlyIfAllItsCallersAreCancelled() throws Exception {
        for (boolean both : new boolean[] {false, true}) {
            decoder.passes.clear();
            Future<?> first = held();
            AtomicBoolean cancelled = new AtomicBoolean();
            PassRequest one = request();
            PassRequest other = request();
            Future<?> oneRun = waiting(one, 100, cancelled);
            Future<?> otherRun = waiting(other, 40, both ? cancelled : new AtomicBoolean());
            CountDownLatch before = decoder.goOn;
            decoder.hold();
            before.countDown();
            await(decoder.inside);
            assertEquals(List.of(100, 40), rows(1));
            cancelled.set(true);
            while (both && !other.cancelled) {
                Thread.sleep(1);
            }
            decoder.goOn.countDown();
            if (both) {
                assertInstanceOf(CancellationException.class, failure(oneRun));
                assertInstanceOf(CancellationException.class, failure(otherRun));
                assertTrue(one.state.broken() && other.state.broken());
            } else {
                oneRun.get(50, TimeUnit.SECONDS); // was complete before it could end
                otherRun.get(50, TimeUnit.SECONDS);
                assertFalse(one.state.broken() || other.state.broken());
            }
            first.get(50, TimeUnit.SECONDS);
        }
    }

    @Test
    void aFailingPassFailsItsCallersAndNoOthers() throws Exception {
        Future<?> first = held();
        List<Future<?>> shared = List.of(waiting(request(), 100), waiting(request(), 156));
        PassRequest later = request();
        Future<?> laterRun = waiting(later, 50);
        CountDownLatch before = decoder.goOn;
        decoder.hold();
        before.countDown();
        await(decoder.inside);
        OutOfMemoryError thrown = new OutOfMemoryError("test");
        decoder.failure = thrown;
        decoder.goOn.countDown();
        assertSame(thrown, failure(shared.get(0)));
        IllegalStateException other = assertInstanceOf(IllegalStateException.class, failure(shared.get(1)));
        assertSame(thrown, other.getCause());
        laterRun.get(50, TimeUnit.SECONDS);
        first.get(50, TimeUnit.SECONDS);
        assertEquals(50, later.state.length());
    }

    @Test
    void moreSequencesThanRowsOfLogitsTakeTurns() throws Exception {
        List<Future<?>> all = new ArrayList<>();
        all.add(held());
        for (int i = 0; i < 40; i++) {
            PassRequest request = request();
            CountDownLatch asked = new CountDownLatch(1);
            request.append(tokens(1), 0, 1, false, false);
            request.logits(-1, 1, new float[model.vocabularySize()]);
            request.stop = () -> {
                asked.countDown();
                return false;
            };
            all.add(threads.submit(() -> {
                scheduler.run(request);
                scheduler.leave(request);
            }));
            await(asked);
        }
        decoder.goOn.countDown();
        for (Future<?> each : all) {
            each.get(50, TimeUnit.SECONDS);
        }
        assertEquals(
                List.of(5, Scheduler.MAX_LOGIT_ROWS, 40 - Scheduler.MAX_LOGIT_ROWS),
                decoder.passes.stream().map(Pass::all).toList());
    }
}
