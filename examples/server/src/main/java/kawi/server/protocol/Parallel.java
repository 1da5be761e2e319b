package kawi.server.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import kawi.Cancellation;
import kawi.Model;
import org.jspecify.annotations.Nullable;

/** The answers of one request, which are generated at the same time. */
final class Parallel {

    private Parallel() {}

    /**
     * Returns the results of several pieces of work, in order. As many run at once as the model has places, and the
     * others follow, so that a large batch is not refused.
     *
     * @param group cancelled when one of them fails, to end the others
     */
    static <T> List<T> map(Model model, int count, Cancellation group, IntFunction<T> work) {
        if (count == 1) {
            return List.of(work.apply(0));
        }
        List<Future<T>> futures = new ArrayList<>();
        int places = model.activity().limits().sequences();
        // Platform threads, because they compute; virtual ones would occupy the carriers.
        try (ExecutorService threads = Executors.newFixedThreadPool(
                Math.min(count, places),
                Thread.ofPlatform().daemon().name("kawi-answer-", 0).factory())) {
            for (int i = 0; i < count; i++) {
                int index = i;
                futures.add(threads.submit(() -> {
                    try {
                        if (group.isCancelled()) {
                            throw Failures.cancelled();
                        }
                        return work.apply(index);
                    } catch (RuntimeException | Error e) {
                        group.cancel();
                        throw e;
                    }
                }));
            }
            return results(futures);
        } catch (InterruptedException e) {
            group.cancel();
            Thread.currentThread().interrupt();
            throw Failures.cancelled();
        }
    }

    private static boolean isCancelled(@Nullable Throwable failure) {
        return failure instanceof ApiException api && "cancelled".equals(api.code());
    }

    private static <T> List<T> results(List<Future<T>> futures) throws InterruptedException {
        List<T> results = new ArrayList<>();
        Throwable first = null;
        for (Future<T> future : futures) {
            try {
                results.add(future.get());
            } catch (ExecutionException e) {
                Throwable cause = e.getCause();
                if (first == null || (isCancelled(first) && !isCancelled(cause))) {
                    first = cause;
                }
            }
        }
        switch (first) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(first);
        }
        return results;
    }
}
