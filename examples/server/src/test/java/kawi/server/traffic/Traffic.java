package kawi.server.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kawi.BusyException;
import kawi.server.traffic.Scenario.Answer;
import kawi.server.traffic.Scenario.Caller;

/**
 * Mixed traffic: callers that send random requests at once, and often leave before they are answered. It is run in
 * phases. After each phase, when no request is left, the footprint of the process is measured.
 */
final class Traffic {

    /** The system property with the duration in seconds, for a long run. */
    static final String SECONDS = "kawi.traffic.seconds";

    private static final int DEFAULT_SECONDS = 30;
    private static final int PHASES = 6;
    private static final int CALLERS = 12;
    private static final long STUCK_SECONDS = 300;
    private static final long BACK_OFF_NANOS = 100_000_000;
    private static final long QUIET_SECONDS = 60;
    private static final long POLL_MILLIS = 10;
    /** The phase with which the last one is compared: the first one loads classes, compiles, and fills caches. */
    private static final int BASE = 1;

    /** How a caller leaves. */
    private enum Departure {
        NONE,
        EXCEPTION,
        CANCELLATION,
        INTERRUPT
    }

    /** What becomes of a request. */
    private enum Outcome {
        ANSWERED,
        LEFT,
        REFUSED
    }

    private final List<Scenario> scenarios;
    private final Map<Scenario, Answer> alone = new HashMap<>();
    private final Consumer<Traffic> quiet;
    private final AtomicLong started = new AtomicLong();
    private final Map<Outcome, LongAdder> outcomes = new EnumMap<>(Outcome.class);
    private final ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();
    private final boolean interrupts;

    /**
     * @param quiet checks that nothing is left between phases
     * @param interrupts whether callers may interrupt their threads
     */
    Traffic(List<Scenario> scenarios, boolean interrupts, Consumer<Traffic> quiet) {
        this.scenarios = scenarios;
        this.interrupts = interrupts;
        this.quiet = quiet;
        for (Outcome outcome : Outcome.values()) {
            outcomes.put(outcome, new LongAdder());
        }
    }

    /** Runs the traffic for as long as the system property says, and checks what must be true of it. */
    void run() throws Exception {
        for (Scenario scenario : scenarios) {
            alone.put(scenario, scenario.answer(new Stayer()));
        }
        long phase = Duration.ofSeconds(Integer.getInteger(SECONDS, DEFAULT_SECONDS))
                .dividedBy(PHASES)
                .toNanos();
        List<Footprint> footprints = new ArrayList<>();
        for (int i = 0; i < PHASES; i++) {
            runPhase(i, System.nanoTime() + phase);
            assertEquals(List.of(), List.copyOf(faults));
            assertEquals(
                    started.get(),
                    outcomes.values().stream().mapToLong(LongAdder::sum).sum());
            quiet.accept(this);
            footprints.add(settled(footprints));
            System.out.printf("%d requests, %s, %s%n", started.get(), outcomes, footprints.getLast());
        }
        for (Outcome outcome : Outcome.values()) {
            assertTrue(outcomes.get(outcome).sum() > 0, "there is none that was " + outcome);
        }
        assertFlat(footprints);
    }

    /** Returns the number of requests that were refused. */
    long refused() {
        return outcomes.get(Outcome.REFUSED).sum();
    }

    private void runPhase(int phase, long end) throws InterruptedException {
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
        for (int i = 0; i < CALLERS; i++) {
            SplittableRandom random = new SplittableRandom(phase * 1000L + i);
            callers.execute(() -> {
                while (System.nanoTime() < end && faults.isEmpty()) {
                    call(random);
                }
            });
        }
        callers.shutdown();
        long left = TimeUnit.NANOSECONDS.toSeconds(end - System.nanoTime()) + STUCK_SECONDS;
        boolean ended = callers.awaitTermination(left, TimeUnit.SECONDS);
        if (!ended) {
            callers.shutdownNow();
        }
        assertTrue(ended, "requests that never end");
    }

    private void call(SplittableRandom random) {
        Scenario scenario = scenarios.get(random.nextInt(scenarios.size()));
        Answer expected = alone.get(scenario);
        Leaver caller = new Leaver(departure(random), random.nextInt(12));
        started.incrementAndGet();
        try {
            Answer answer = scenario.answer(caller);
            outcomes.get(Outcome.ANSWERED).increment();
            if (!answer.equals(expected)) {
                fault(scenario, "the answer %s is not that alone, %s".formatted(answer, expected));
            }
        } catch (Scenario.Left | Scenario.Cancelled e) {
            outcomes.get(Outcome.LEFT).increment();
            if (!caller.hasLeft()) {
                fault(scenario, "the answer ended although its caller stayed");
            }
        } catch (BusyException | Scenario.Refused e) {
            outcomes.get(Outcome.REFUSED).increment();
            LockSupport.parkNanos(random.nextLong(BACK_OFF_NANOS));
        } catch (Throwable e) {
            fault(scenario, withCauses(e));
            e.printStackTrace();
        } finally {
            caller.end();
        }
        if (!expected.text().startsWith(caller.received())) {
            fault(
                    scenario,
                    "what was received, %s, is no beginning of the text alone, %s"
                            .formatted(caller.received(), expected.text()));
        }
    }

    private Departure departure(SplittableRandom random) {
        return switch (random.nextInt(10)) {
            case 0 -> Departure.EXCEPTION;
            case 1, 2 -> Departure.CANCELLATION;
            case 3 -> interrupts ? Departure.INTERRUPT : Departure.CANCELLATION;
            default -> Departure.NONE;
        };
    }

    private static String withCauses(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .map(Throwable::toString)
                .collect(Collectors.joining(", caused by "));
    }

    private void fault(Scenario scenario, String what) {
        faults.add(scenario.name() + ": " + what);
    }

    /**
     * Measures the footprint after a phase. What is being closed, such as connections that a client has closed and the
     * server has yet to, goes away by itself; what does not is a leak.
     */
    private static Footprint settled(List<Footprint> earlier) throws IOException, InterruptedException {
        Footprint now = Footprint.measure();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(QUIET_SECONDS);
        while (earlier.size() > BASE && !now.growth(earlier.get(BASE)).isEmpty() && System.nanoTime() < end) {
            Thread.sleep(POLL_MILLIS);
            now = Footprint.measure();
        }
        return now;
    }

    private static void assertFlat(List<Footprint> footprints) {
        assertEquals(List.of(), footprints.getLast().growth(footprints.get(BASE)), footprints.toString());
    }

    /** Waits until a condition holds that nobody who uses the model keeps from holding. */
    static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(QUIET_SECONDS);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, what);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(POLL_MILLIS));
        }
    }

    /** A caller who takes the whole answer. */
    private static final class Stayer implements Caller {

        @Override
        public void text(String piece) {}

        @Override
        public void leave(Runnable how) {}
    }

    /** A caller who may leave after some pieces. */
    private static final class Leaver implements Caller {

        private final Departure departure;
        private final Thread thread = Thread.currentThread();
        private final StringBuilder received = new StringBuilder();
        private final AtomicBoolean left = new AtomicBoolean();
        private int remaining;
        private Runnable how = () -> {};

        Leaver(Departure departure, int pieces) {
            this.departure = departure;
            this.remaining = pieces;
        }

        @Override
        public synchronized void leave(Runnable way) {
            how = way;
        }

        @Override
        public synchronized void text(String piece) {
            received.append(piece);
            if (departure == Departure.NONE || remaining-- > 0 || !left.compareAndSet(false, true)) {
                return;
            }
            switch (departure) {
                case EXCEPTION -> throw new Scenario.Left();
                case CANCELLATION -> Thread.startVirtualThread(how);
                case INTERRUPT -> thread.interrupt();
                case NONE -> {}
            }
        }

        boolean hasLeft() {
            return left.get();
        }

        synchronized String received() {
            return received.toString();
        }

        /** Forgets an interrupt that came too late. */
        void end() {
            Thread.interrupted();
        }
    }
}
