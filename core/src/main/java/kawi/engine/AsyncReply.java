package kawi.engine;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import kawi.Cancellation;
import kawi.Reply;

/** An answer on a thread of its own. */
final class AsyncReply {

    private AsyncReply() {}

    /**
     * Begins to answer.
     *
     * @param answer answers until it is done or the handle is used
     * @return completed with the answer; whoever completes it before ends the answer
     */
    static CompletableFuture<Reply> start(Function<Cancellation, Reply> answer) {
        Cancellation cancellation = new Cancellation();
        CompletableFuture<Reply> future = new CompletableFuture<>();
        var _ = future.whenComplete((reply, thrown) -> cancellation.cancel());
        // A platform thread: an answer computes all the time, and would keep a carrier of virtual threads from the
        // others.
        Thread.ofPlatform().daemon().name("kawi-answer").start(() -> {
            try {
                future.complete(answer.apply(cancellation));
            } catch (Throwable thrown) { // whoever asks for the result gets it
                future.completeExceptionally(thrown);
            }
        });
        return future;
    }
}
