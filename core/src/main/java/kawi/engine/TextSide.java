package kawi.engine;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import kawi.checkpoint.Checkpoint;
import kawi.template.ChatTemplate;
import kawi.tokenizer.Tokenizer;
import org.jspecify.annotations.Nullable;

/**
 * Tokenizer and chat template of a checkpoint, read on a thread of their own while the weights are brought into the
 * kernels' layout: that is work for a tenth of a second, most of it waiting for memory.
 */
final class TextSide {

    private final CompletableFuture<Optional<String>> source = new CompletableFuture<>();
    private final CompletableFuture<Optional<Tokenizer>> tokenizer = new CompletableFuture<>();
    private final CompletableFuture<Optional<ChatTemplate>> template = new CompletableFuture<>();

    /**
     * Begins to read. The checkpoint must stay open until {@link #settle} has returned.
     *
     * @param chatTemplate instead of the checkpoint's, unless null
     */
    TextSide(Checkpoint checkpoint, @Nullable String chatTemplate) {
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
        } catch (Throwable thrown) { // whoever asks for the result gets it
            future.completeExceptionally(thrown);
        }
    }

    /** The tokenizer, as {@link Checkpoint#tokenizer} gives it. */
    Optional<Tokenizer> tokenizer() {
        return result(tokenizer);
    }

    /** The source of the chat template; empty if there is none, or if it cannot be read, see {@link #template}. */
    Optional<String> templateSource() {
        return source.exceptionally(thrown -> Optional.empty()).join();
    }

    /** The chat template; one that cannot be read is a failure here and nowhere else. */
    Optional<ChatTemplate> template() {
        return result(template);
    }

    /** Waits until nothing more is read from the checkpoint. */
    void settle() {
        tokenizer.handle((done, thrown) -> true).join();
        template.handle((done, thrown) -> true).join();
    }

    /** Waits, which an interrupt does not cut short. */
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
