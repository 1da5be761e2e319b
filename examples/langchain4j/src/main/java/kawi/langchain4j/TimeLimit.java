package kawi.langchain4j;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import kawi.Cancellation;
import kawi.FinishReason;
import kawi.Prompt;
import kawi.Reply;
import org.jspecify.annotations.Nullable;

/** The time limit of one answer, from its creation until it is closed. */
final class TimeLimit implements AutoCloseable {

    private final @Nullable Duration limit;
    private final Cancellation cancellation = new Cancellation();
    private final CompletableFuture<@Nullable Void> timer = new CompletableFuture<>();

    /** @param limit null for none */
    TimeLimit(@Nullable Duration limit) {
        this.limit = limit;
        if (limit != null) {
            var _ = timer.thenRun(cancellation::cancel);
            var _ = timer.completeOnTimeout(null, TimeUnit.NANOSECONDS.convert(limit), TimeUnit.NANOSECONDS);
        }
    }

    /** Returns a prompt whose answer is cancelled when the time is up. */
    Prompt applyTo(Prompt prompt) {
        return limit == null ? prompt : prompt.cancelWith(cancellation);
    }

    /**
     * Returns the reply if it is complete.
     *
     * @throws dev.langchain4j.exception.LangChain4jException if it was cancelled, by this limit or otherwise
     */
    Reply complete(Reply reply) {
        if (reply.finishReason() != FinishReason.CANCELLED) {
            return reply;
        }
        throw limit != null && cancellation.isCancelled() ? Failures.timeout(limit, reply) : Failures.cancelled(reply);
    }

    @Override
    public void close() {
        timer.cancel(false);
    }
}
