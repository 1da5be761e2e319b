package kawi;

import java.util.OptionalLong;

/**
 * The limits of a model that answers many callers at once, see {@link ModelLoader#concurrency}.
 *
 * {@snippet :
 *    Model model = Model.loader(path).concurrency(Concurrency.defaults().sequences(8).waiting(100)).load();
 * }
 *
 * <p>Answers in progress are computed together, so that several cost little more time per token than one. An answer
 * begins when it has a place: fewer than {@link #sequences} answers are in progress, and their keys and values leave
 * room for its own, those of its prompt and of {@link AnswerOptions#maxTokens} further tokens. Until then its caller
 * waits, in the order of arrival, at most as long as {@link AnswerOptions#maxWait} says; when {@link #waiting} callers
 * wait already, it is refused with a {@link BusyException}. An answer that may need more than {@link #keyValueBytes}
 * waits until it has all of them, and ends with {@link FinishReason#CONTEXT_FULL} when they are used up. An answer that
 * calls tools gives its place up while they run, and has precedence over other callers when it continues. A
 * {@linkplain Prompt#stream() stream} that is not consumed for a second does not keep other answers from beginning.
 *
 * <p>A thread that starts an answer within another one, in a listener or while a stream of it is not finished, never
 * waits: the answer begins beyond {@link #sequences}, or is refused if its keys and values do not fit. The same
 * applies to a {@link Sequence}, which has no place: what it holds counts as keys and values, and a
 * {@link Sequence#append} that does not fit is refused.
 *
 * @param sequences the maximum number of answers in progress
 * @param waiting the maximum number of callers that wait for a place
 * @param keyValueBytes the maximum memory of keys and values of answers in progress, in bytes, see
 *     {@link MemoryPlan#keysAndValues}; empty for half of the machine's memory that the weights leave. Cached states
 *     have limits of their own, see {@link ModelLoader#prefixCache} and {@link ModelLoader#snapshotBytes}
 */
public record Concurrency(int sequences, int waiting, OptionalLong keyValueBytes) {

    private static final Concurrency DEFAULTS = new Concurrency(16, 1024, OptionalLong.empty());

    /**
     * Creates limits.
     *
     * @throws IllegalArgumentException if {@code sequences} or {@code keyValueBytes} is not positive, or
     *     {@code waiting} is negative
     */
    public Concurrency {
        if (sequences < 1) {
            throw new IllegalArgumentException("sequences is %d; it must be positive".formatted(sequences));
        }
        if (waiting < 0) {
            throw new IllegalArgumentException(
                    "waiting is %d; it must be 0 (no caller waits) or positive".formatted(waiting));
        }
        if (keyValueBytes.isPresent() && keyValueBytes.getAsLong() < 1) {
            throw new IllegalArgumentException(
                    "keyValueBytes is %d; it must be positive".formatted(keyValueBytes.getAsLong()));
        }
    }

    /** Returns the default limits: 16 answers, 1,024 callers that wait, and memory that depends on the machine. */
    public static Concurrency defaults() {
        return DEFAULTS;
    }

    /** Returns these limits with another {@link #sequences}. */
    public Concurrency sequences(int count) {
        return new Concurrency(count, waiting, keyValueBytes);
    }

    /** Returns these limits with another {@link #waiting}. */
    public Concurrency waiting(int count) {
        return new Concurrency(sequences, count, keyValueBytes);
    }

    /** Returns these limits with another {@link #keyValueBytes}. */
    public Concurrency keyValueBytes(long bytes) {
        return new Concurrency(sequences, waiting, OptionalLong.of(bytes));
    }
}
