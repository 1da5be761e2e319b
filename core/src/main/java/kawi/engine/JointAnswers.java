package kawi.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentSkipListSet;
import kawi.Cancellation;
import kawi.Reply;
import org.jspecify.annotations.Nullable;

/**
 * Several answers to one prompt, generated together. The calling thread begins with the first answer, which reads the
 * prompt and caches its state. Then further threads begin the others from that state, as many as there are places at
 * the moment; a thread whose answer is complete takes the next one. The calling thread needs no other, so it waits for
 * a place at most once for each answer, like any caller.
 */
final class JointAnswers {

    private static final Duration POLL = Duration.ofMillis(10);

    /** Generates one of the answers. */
    @FunctionalInterface
    interface Answer {

        /**
         * Returns the generator of an answer that can be cancelled.
         *
         * @param index of the answer, from 0
         */
        Generator begin(int index, CachedSequence sequence, Cancellation cancellation);
    }

    /** Makes the reply of a generator that has ended. */
    @FunctionalInterface
    interface Completion {

        /**
         * Returns the reply.
         *
         * @param index of the answer, from 0
         */
        Reply complete(int index, Generator generator);
    }

    private final LoadedModel model;
    private final Answer answer;
    private final Completion completion;
    private final SnapshotStore states;
    private final int length;
    private final Cancellation cancellation = new Cancellation();
    private final ConcurrentSkipListSet<Integer> left = new ConcurrentSkipListSet<>();
    private final @Nullable Reply[] replies;
    private final @Nullable Throwable[] failures;

    /**
     * @param states receives the state of the prompt
     * @param length the maximum length of the prompt and an answer, in tokens
     */
    JointAnswers(LoadedModel model, Answer answer, Completion completion, SnapshotStore states, int length, int count) {
        this.model = model;
        this.answer = answer;
        this.completion = completion;
        this.states = states;
        this.length = length;
        this.replies = new Reply[count];
        this.failures = new Throwable[count];
        for (int i = 0; i < count; i++) {
            left.add(i);
        }
    }

    /** Generates the answers. If some fail, the others are cancelled, and the exception of the first is thrown. */
    List<Reply> generate() {
        List<Thread> threads = new ArrayList<>();
        try (CachedSequence sequence = new CachedSequence(model, states)) {
            generateLeft(sequence, () -> startThreads(threads));
        } finally {
            join(threads);
        }
        if (!left.isEmpty()) { // a thread has left its answer because there was no place
            try (CachedSequence sequence = new CachedSequence(model, states)) {
                generateLeft(sequence, () -> {});
            }
        }
        Arrays.stream(failures).filter(Objects::nonNull).findFirst().ifPresent(Scheduler::rethrow);
        return Arrays.stream(replies).map(Objects::requireNonNull).toList();
    }

    private void startThreads(List<Thread> threads) {
        int useful = Math.min(left.size(), model.admission().limits().sequences() - 1);
        for (int i = 0; i < useful; i++) {
            threads.add(Thread.ofPlatform().daemon().name("kawi-answer").start(this::generateWhilePlaces));
        }
    }

    private void join(List<Thread> threads) {
        boolean interrupted = false;
        for (Thread thread : threads) {
            boolean ended = false;
            while (!ended) {
                if (interrupted || Thread.currentThread().isInterrupted()) {
                    cancellation.cancel();
                }
                try {
                    ended = thread.join(POLL);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Generates answers that are left, on the calling thread. */
    private void generateLeft(CachedSequence sequence, Runnable afterFirstToken) {
        Runnable afterwards = afterFirstToken;
        for (Integer index = left.pollFirst(); index != null; index = left.pollFirst()) {
            generate(index, sequence, afterwards);
            afterwards = () -> {};
        }
    }

    /** Generates answers that are left, on another thread. */
    private void generateWhilePlaces() {
        try (CachedSequence sequence = new CachedSequence(model, states)) {
            while (!left.isEmpty() && sequence.tryEnter(length)) {
                Integer index = left.pollFirst();
                if (index != null) {
                    generate(index, sequence, () -> {});
                }
            }
        }
    }

    private void generate(int index, CachedSequence sequence, Runnable afterFirstToken) {
        try {
            Generator generator = answer.begin(index, sequence, cancellation);
            boolean more = generator.step();
            if (Thread.currentThread().isInterrupted()) {
                cancellation.cancel(); // the other answers are those of this caller as well
            }
            afterFirstToken.run();
            while (more) {
                more = generator.step();
            }
            replies[index] = completion.complete(index, generator);
        } catch (RuntimeException | Error e) {
            failures[index] = e;
            left.clear();
            cancellation.cancel();
        }
    }
}
