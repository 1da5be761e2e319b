package kawi.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import kawi.ModelActivity;
import kawi.architecture.Batch;
import kawi.architecture.Decoder;
import kawi.compute.Counters;
import kawi.speculation.DraftStatistics;
import kawi.vision.ComputeTurn;
import org.jspecify.annotations.Nullable;

/**
 * Combines the requests of all sequences of a model into passes: continuous batching.
 *
 * <pre>
 *    caller                         each thread that generates
 *        run(request)               one token, or up to 256 tokens of a prompt, and the logits after them
 *            lead                   if no other thread leads: the thread runs passes until its request is complete,
 *                gather             waits for callers that are about to come back, a fraction of a pass
 *                choose             the single tokens of all requests, then pieces of prompts in order of arrival
 *                compute            Decoder.forward for all rows, Decoder.logits for all outputs
 *                complete           wakes the callers whose requests are complete
 *            pass the lead on       to a thread that waits, if there is one
 *            or wait                until the request is complete, or the lead is passed to this thread
 *        sample, notify listeners   concurrently
 * </pre>
 *
 * <p>The results of a sequence do not depend on the other rows of a pass, nor on how a prompt is divided, so neither do
 * these decisions change an answer. A single caller leads each of its passes at once.
 *
 * <p><b>Gathering.</b> After a pass, its callers sample and come back at slightly different times. A leader waits for
 * those who came back in time before, until a quarter of the duration of a pass has gone by since its end. A caller who
 * is late, because its listener is slow, is not waited for again until it has been in time once.
 *
 * <p><b>Fairness.</b> {@link PassSize} limits the rows of prompts in a pass while other sequences decode. The first
 * prompt in the order of arrival gets the rows, and the next one those that are left.
 *
 * <p><b>Cancellation</b> is queried on the caller's own thread. A request that is in no pass is withdrawn. A pass is
 * cancelled between layers when all its callers have been cancelled, which a single caller is at once. An exception
 * in a pass fails all of its requests, and no others.
 */
final class Scheduler {

    /** The maximum number of rows of a pass. */
    static final int MAX_ROWS = 256;

    /** The maximum number of rows of logits of a pass; a row of a large vocabulary takes a megabyte. */
    static final int MAX_LOGIT_ROWS = 32;

    /** The interval at which a waiting thread checks whether it has been cancelled. */
    private static final long POLL_NANOS = 10_000_000;

    /** Passes with more rows take long enough for their callers to check while they wait. */
    private static final int SHORT_ROWS = MAX_LOGIT_ROWS;

    private static final long MIN_GATHER_NANOS = 200_000;
    private static final long MAX_GATHER_NANOS = 50_000_000;

    /** A sequence that has not come back for this time, and this number of passes, is not decoding any more. */
    private static final long IDLE_NANOS = 1_000_000_000;

    private static final int IDLE_PASSES = 8;

    private final Decoder decoder;
    private final Lifetime lifetime;
    private final LongSupplier clock;
    private final @Nullable Counters counters;
    private final PassSize size = new PassSize();

    /** Created once, since a method reference for each pass would be garbage. */
    private final BooleanSupplier passCancelled = this::passCancelled;

    // Guarded by the monitor.

    /** Requests that are not complete, in order of arrival. */
    private final List<PassRequest> waiting = new ArrayList<>();

    private final ActiveSequences active = new ActiveSequences();

    private boolean led;
    private @Nullable Thread gathering;
    private long arrivals;
    private long lastEnd;
    private long lastNanos;
    private long passes;
    private long prefilledTokens;
    private long decodedTokens;
    private long guessedTokens;
    private long acceptedTokens;

    // Used by the leader only.

    private final List<PassRequest> pass = new ArrayList<>();
    private final Batch batch = new Batch();
    private final PassDrafts drafts;
    private final PassLogits logits;
    private @Nullable PassRequest leader;
    private volatile int rowsOfPass;

    private final ComputeLock computing;

    /**
     * @param clock the time in nanoseconds, as {@link System#nanoTime}
     * @param counters counts the time of gathering for a profile, or null
     */
    Scheduler(Decoder decoder, Lifetime lifetime, LongSupplier clock, @Nullable Counters counters) {
        this.decoder = decoder;
        this.drafts = new PassDrafts(decoder, clock);
        this.logits = new PassLogits(decoder);
        this.lifetime = lifetime;
        this.computing = new ComputeLock(lifetime);
        this.clock = clock;
        this.counters = counters;
    }

    /**
     * Computes what {@code request} asks for and returns when it is complete.
     *
     * @throws CancellationException if the request gave up; if it was in a pass, its sequence may be broken
     * @throws IllegalStateException if a pass failed that other requests had part in
     */
    void run(PassRequest request) {
        boolean lead;
        Thread leaderToWake = null;
        synchronized (this) {
            arrive(request);
            lead = !led;
            if (lead) {
                led = true;
            } else if (active.expected() == 0) {
                leaderToWake = gathering;
            }
        }
        if (leaderToWake != null) {
            LockSupport.unpark(leaderToWake);
        }
        if (lead || await(request)) {
            lead(request);
        }
        Throwable failure = request.failure;
        request.failure = null;
        switch (failure) {
            case null -> {}
            case CancellationException e -> throw cancelled(e);
            case Throwable e ->
                throw new IllegalStateException(
                        "this sequence was computed together with others, and that failed: " + e.getMessage(), e);
        }
    }

    private static CancellationException cancelled(@Nullable Throwable cause) {
        CancellationException thrown = new CancellationException("cancelled while it was computed");
        thrown.initCause(cause);
        return thrown;
    }

    /** Notes that a sequence does not continue for now, so that no pass waits for it. */
    void leave(PassRequest request) {
        Thread leaderToWake;
        synchronized (this) {
            active.forget(request);
            leaderToWake = active.expected() == 0 ? gathering : null;
        }
        if (leaderToWake != null) {
            LockSupport.unpark(leaderToWake);
        }
    }

    /** Adds ids that the model's head may guess, see {@link PassDrafts}; to be called before the first pass. */
    void expect(int[] ids) {
        drafts.expect(ids);
    }

    /** What passes and guesses cost, and how many are right. */
    DraftStatistics statistics() {
        return drafts.statistics();
    }

    /** Notes how many guesses of a pass have been accepted. */
    synchronized void accepted(int guessed, int accepted) {
        guessedTokens += guessed;
        acceptedTokens += accepted;
        decodedTokens += accepted;
    }

    /** The activity of the model, whose answers {@code admission} admits. */
    ModelActivity activity(Admission admission) {
        Totals totals;
        synchronized (this) {
            totals = new Totals(passes, prefilledTokens, decodedTokens, guessedTokens, acceptedTokens);
        }
        return admission.activity(totals);
    }

    /** What has been computed so far, see {@link ModelActivity}. */
    record Totals(long passes, long prefilledTokens, long decodedTokens, long guessedTokens, long acceptedTokens) {}

    /** Waits until the request is complete, and returns false, or until its thread is to lead. */
    private boolean await(PassRequest request) {
        boolean interrupted = false;
        try {
            while (!request.done && !request.leading) {
                boolean inPass = request.inPass;
                if (request.stop.getAsBoolean()) {
                    if (withdraw(request)) {
                        throw cancelled(null);
                    }
                    request.cancelled = true;
                }
                // Clears the interrupt status, which is restored later, so that parking does not return at once.
                interrupted |= Thread.interrupted();
                if (inPass && rowsOfPass <= SHORT_ROWS && request.single) {
                    LockSupport.park(this); // until the end of a short pass, after which it is complete
                } else {
                    LockSupport.parkNanos(this, POLL_NANOS);
                }
            }
            return !request.done;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Removes a request. Returns false if it is in a pass, is complete, or has been given the lead. */
    private synchronized boolean withdraw(PassRequest request) {
        if (request.inPass || request.done || request.leading) {
            return false;
        }
        waiting.remove(request);
        active.forget(request);
        return true;
    }

    /** Runs passes until the request is complete. */
    private void lead(PassRequest request) {
        leader = request;
        try {
            while (!request.done) {
                if (request.stop.getAsBoolean()) {
                    throw cancelled(null);
                }
                gather();
                long start = clock.getAsLong();
                Throwable failure = compute();
                complete(start, clock.getAsLong(), failure);
                if (failure != null && request.done) {
                    request.failure = null;
                    rethrow(failure);
                }
            }
        } finally {
            leader = null;
            passLeadOn(request);
        }
    }

    /** Throws what went wrong on another thread or earlier. */
    static void rethrow(Throwable failure) {
        switch (failure) {
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(failure);
        }
    }

    private void passLeadOn(PassRequest request) {
        Thread next = null;
        synchronized (this) {
            request.leading = false;
            if (!request.done) {
                waiting.remove(request);
                active.forget(request);
            }
            if (waiting.isEmpty()) {
                led = false;
            } else {
                PassRequest first = waiting.getFirst();
                first.leading = true;
                next = first.thread;
            }
        }
        LockSupport.unpark(next);
    }

    /** Waits for callers that are expected to come back, for a limited time. */
    private void gather() {
        boolean interrupted = false;
        while (true) {
            long left;
            synchronized (this) {
                gathering = null;
                left = active.expected() == 0 ? 0 : lastEnd + gatherNanos() - clock.getAsLong();
                if (left <= 0) {
                    active.expectNone();
                    break;
                }
                gathering = Thread.currentThread();
            }
            long begun = counters == null ? 0 : System.nanoTime();
            LockSupport.parkNanos(this, left);
            if (counters != null) {
                counters.gathered(begun);
            }
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Computes the pass. Returns what went wrong, or null. */
    private @Nullable Throwable compute() {
        computing.beginPass();
        try {
            choose();
            drafts.make(pass, passCancelled);
            batch.clear();
            for (int i = 0; i < pass.size(); i++) {
                PassRequest r = pass.get(i);
                if (r.taken > 0) {
                    r.addTo(batch);
                }
            }
            decoder.forward(batch, passCancelled);
            logits.compute(pass);
            return null;
        } catch (Throwable thrown) { // reported to all callers of the pass
            return thrown;
        } finally {
            batch.clear();
            computing.endPass();
        }
    }

    /** The turns of work other than passes. */
    ComputeTurn turn() {
        return computing;
    }

    /** Whether all callers of the pass have been cancelled. */
    private boolean passCancelled() {
        if (lifetime.closing()) {
            return true;
        }
        for (int i = 0; i < pass.size(); i++) {
            PassRequest r = pass.get(i);
            if (r.equals(leader) ? !r.stop.getAsBoolean() : !r.cancelled) {
                return false;
            }
        }
        return true;
    }

    // The following methods hold the lock.

    private synchronized void choose() {
        pass.clear();
        int rows = 0;
        int logitRows = 0;
        int singles = 0;
        for (int i = 0; i < waiting.size(); i++) {
            PassRequest r = waiting.get(i);
            int needed = r.outputs - r.guesses;
            if (r.isStep() && (logitRows == 0 || logitRows + needed <= MAX_LOGIT_ROWS) && rows < MAX_ROWS) {
                int taken = r.rows() - r.guesses;
                take(r, taken);
                rows += taken;
                logitRows += needed;
                singles += r.prompt ? 0 : 1;
            }
        }
        int guesses = PassDrafts.share(pass, Math.min(MAX_LOGIT_ROWS - logitRows, MAX_ROWS - rows));
        rows += guesses;
        logitRows += guesses;
        active.forgetIdleSince(clock.getAsLong() - Math.max(IDLE_NANOS, IDLE_PASSES * lastNanos));
        int decoders = Math.max(active.decoding(), singles) + guesses;
        boolean more = pass.size() < waiting.size();
        int piece = !more
                ? 0
                : decoders == 0 ? MAX_ROWS : rows > 0 && size.mustMeasure(decoders) ? 0 : size.piece(decoders);
        piece = Math.min(MAX_ROWS - rows, piece);
        for (int i = 0; piece > 0 && i < waiting.size(); i++) {
            PassRequest r = waiting.get(i);
            if (!r.isStep() && (logitRows == 0 || logitRows + r.outputs <= MAX_LOGIT_ROWS)) {
                int taken = Math.min(piece, r.rows());
                take(r, taken);
                rows += taken;
                piece -= taken;
                logitRows += r.outputs;
            }
        }
        rowsOfPass = rows;
        for (int i = 0; i < pass.size(); i++) {
            pass.get(i).inPass = true;
        }
    }

    private void take(PassRequest r, int rows) {
        pass.add(r);
        r.taken = rows;
        r.cancelled = false;
    }

    private synchronized void complete(long start, long end, @Nullable Throwable failure) {
        int prompts = 0;
        int singles = 0;
        boolean allLogits = true;
        for (int i = 0; i < pass.size(); i++) {
            PassRequest r = pass.get(i);
            r.inPass = false;
            allLogits &= r.logits != null;
            if (failure != null) {
                r.failure = failure;
                r.done = true;
                continue;
            }
            if (r.isStep()) {
                singles += r.taken;
            } else {
                prompts += r.taken;
            }
            if (r.prompt) {
                prefilledTokens += r.taken;
            } else {
                decodedTokens += r.taken - r.guesses;
            }
            r.next += r.taken;
            r.done = r.rows() == 0 || r.allOutputs;
        }
        if (failure == null && rowsOfPass > 0) {
            passes++;
            if (prompts == 0 && allLogits) {
                drafts.record(singles, end - start);
            }
            size.record(singles, prompts, end - start);
        }
        lastEnd = end;
        lastNanos = end - start;
        removeDone();
        for (int i = 0; i < pass.size(); i++) {
            PassRequest r = pass.get(i);
            if (r.done) {
                r.completed = end;
                r.otherRows = Math.max(0, singles - r.taken);
                if (failure == null) {
                    active.complete(r);
                }
                if (!r.equals(leader)) {
                    LockSupport.unpark(r.thread);
                }
            }
        }
        pass.clear();
    }

    private void removeDone() {
        int kept = 0;
        for (int i = 0; i < waiting.size(); i++) {
            PassRequest r = waiting.get(i);
            if (!r.done) {
                waiting.set(kept++, r);
            }
        }
        while (waiting.size() > kept) {
            waiting.removeLast();
        }
    }

    private void arrive(PassRequest r) {
        active.arrive(r, clock.getAsLong() - r.completed <= gatherNanos());
        r.thread = Thread.currentThread();
        r.single = r.isStep();
        r.done = false;
        r.leading = false;
        r.failure = null;
        if (!r.continued) {
            r.arrival = arrivals++;
        }
        int at = waiting.size();
        while (at > 0 && waiting.get(at - 1).arrival > r.arrival) {
            at--;
        }
        waiting.add(at, r);
    }

    private long gatherNanos() {
        return Math.clamp(lastNanos / 4, MIN_GATHER_NANOS, MAX_GATHER_NANOS);
    }
}
