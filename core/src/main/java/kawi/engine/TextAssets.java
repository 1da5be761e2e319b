package kawi.engine;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import kawi.checkpoint.Checkpoint;
import kawi.template.ChatTemplate;
import kawi.tokenizer.Tokenizer;
import org.jspecify.annotations.Nullable;

/**
 * The tokenizer and the chat template of a checkpoint, read on a separate thread while the weights are packed for the
 * kernels. Reading takes a tenth of a second, most of which is spent waiting for memory.
 */
final class TextAssets {

    private final CompletableFuture<Optional<String>> source = new CompletableFuture<>();
    private final CompletableFuture<Optional<Tokenizer>> tokenizer = new CompletableFuture<>();
    private final CompletableFuture<Optional<ChatTemplate>> template = new CompletableFuture<>();

    /**
     * Starts reading. The checkpoint must stay open until {@link #settle} has returned.
     *
     * @param chatTemplate replaces that of the checkpoint, unless null
     */
    TextAssets(Checkpoint checkpoint, @Nullable String chatTemplate) {
        Thread.ofPlatform().name("kawi-text").daemon().start(() -> {
            complete(source, () -> chatTemplate == null ? checkpoint.chatTemplate() : Optional.of(chatTemplate));
            complete(template, () -> result(source).map(text -> ChatTemplate.parse(checkpoint.name(), text)));
            complete(tokenizer, () -> Optional.ofNullable(checkpoint.tokenizer()));
        });
    }

    @FunctionalInterface
    private interface Reading<T> {
        T read();
    }

    private static <T> void complete(CompletableFuture<T> future, Reading<T> reading) {
        try {
            future.complete(reading.read());
        } catch (Throwable thrown) { // reported by the future
            future.completeExceptionally(thrown);
        }
    }

    /** The result of {@link Checkpoint#tokenizer}. */
    Optional<Tokenizer> tokenizer() {
        return result(tokenizer);
    }

    /** The source of the chat template; empty if there is none, or if it cannot be read, see {@link #template}. */
    Optional<String> templateSource() {
        return source.exceptionally(thrown -> Optional.empty()).join();
    }

    /** The chat template. Only this method fails if it cannot be parsed. */
    Optional<ChatTemplate> template() {
        return result(template);
    }

    /** Waits until reading from the checkpoint has ended. */
    void settle() {
        tokenizer.handle((done, thrown) -> true).join();
        template.handle((done, thrown) -> true).join();
    }

    /** Waits for a result, even if the thread is interrupted. */
    private static <T> T result(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case RuntimeException thrown -> throw thrown;
                case Error thrown -> throw thrown;
                case null, default -> throw e;
            }
        }
    }
}
