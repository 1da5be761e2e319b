package kawi.engine;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import kawi.Cancellation;
import kawi.Reply;

/** Generates an answer on a thread of its own. */
final class AsyncReply {

    private AsyncReply() {}

    /**
     * Starts an answer.
     *
     * @param answer generates the answer until it is complete or the handle is cancelled
     * @return a future that is completed with the answer; completing it earlier cancels the answer
     */
    static CompletableFuture<Reply> start(Function<Cancellation, Reply> answer) {
        Cancellation cancellation = new Cancellation();
        CompletableFuture<Reply> future = new CompletableFuture<>();
        var _ = future.whenComplete((reply, thrown) -> cancellation.cancel());
        // A platform thread, since an answer computes all the time and would occupy a carrier thread.
        Thread.ofPlatform().daemon().name("kawi-answer").start(() -> {
            try {
                future.complete(answer.apply(cancellation));
            } catch (Throwable thrown) { // reported by the future
                future.completeExceptionally(thrown);
            }
        });
        return future;
    }
}
