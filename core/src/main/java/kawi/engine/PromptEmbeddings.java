package kawi.engine;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import kawi.Progress;
import kawi.architecture.Batch;
import kawi.vision.EncodedImages;
import kawi.vision.ImageEncoder;
import org.jspecify.annotations.Nullable;

/**
 * The embeddings of the images of a prompt while it is processed: an image is encoded, or found in the cache, just
 * before the first of its tokens is needed, and released after the last one. Images whose state is cached are not
 * encoded at all.
 *
 * <p>{@link #require} is called by the thread of the answer, which holds no lock; {@link #addTo} by whatever thread
 * runs the pass.
 */
final class PromptEmbeddings implements AutoCloseable {

    private final List<ImageSpan> spans;
    private final PromptImages prompt;
    private final ImageEncoder encoder;
    private final Progress progress;
    private final List<EncodedImages.@Nullable Use> uses = new ArrayList<>();
    private int first;
    private int encoded;
    private int found;
    private long nanos;

    private PromptEmbeddings(PromptTokens prompt, ImageEncoder encoder, Progress progress) {
        this.spans = prompt.text().images();
        this.prompt = prompt.images();
        this.encoder = encoder;
        this.progress = progress;
        spans.forEach(span -> uses.add(null));
    }

    /**
     * The embeddings of a prompt's images, or null if it has none.
     *
     * @param progress notified of the blocks of the tower through which an image has passed
     */
    static @Nullable PromptEmbeddings of(PromptTokens prompt, Progress progress) {
        ImageEncoder encoder = prompt.images().encoder();
        return encoder == null || prompt.text().images().isEmpty()
                ? null
                : new PromptEmbeddings(prompt, encoder, progress);
    }

    /** Whether {@link #require} has to encode an image, or look it up. */
    boolean lacks(int from, int to) {
        for (int i = first; i < spans.size() && spans.get(i).start() < to; i++) {
            if (spans.get(i).end() > from && uses.get(i) == null) {
                return true;
            }
        }
        return false;
    }

    /**
     * Ensures that the embeddings of tokens {@code [from, to)} are there, and releases those of tokens before them.
     *
     * @throws java.util.concurrent.CancellationException if {@code cancelled} returns true
     */
    void require(int from, int to, BooleanSupplier cancelled) {
        while (first < spans.size() && spans.get(first).end() <= from) {
            release(first++);
        }
        for (int i = first; i < spans.size() && spans.get(i).start() < to; i++) {
            if (uses.get(i) == null) {
                uses.set(i, acquire(i, cancelled));
            }
        }
    }

    private EncodedImages.Use acquire(int image, BooleanSupplier cancelled) {
        String subject = spans.size() == 1 ? "image" : "image %d of %d".formatted(image + 1, spans.size());
        long started = System.nanoTime();
        EncodedImages.Use use = encoder.acquire(
                prompt.images().get(image),
                cancelled,
                (done, total) -> progress.update(new Progress.Step(Progress.Stage.ENCODE, subject, done, total)));
        if (use.encoded()) {
            encoded++;
            nanos += System.nanoTime() - started;
        } else {
            found++;
        }
        return use;
    }

    private void release(int image) {
        EncodedImages.Use use = uses.get(image);
        if (use != null) {
            use.close();
            uses.set(image, null);
        }
    }

    /** Adds tokens {@code [from, from + count)} of {@code ids} and the images there to the batch's current span. */
    void addTo(Batch batch, int[] ids, int from, int count) {
        int at = from;
        int end = from + count;
        for (int i = first; i < spans.size() && at < end; i++) {
            ImageSpan span = spans.get(i);
            if (span.end() <= at) {
                continue;
            }
            int before = Math.min(end, span.start()) - at;
            if (before > 0) {
                batch.ids(ids, at, before);
                at += before;
            }
            int rows = Math.min(end, span.end()) - at;
            if (rows > 0) {
                add(batch, span, Objects.requireNonNull(uses.get(i)).rows(), at - span.start(), rows);
                at += rows;
            }
        }
        if (at < end) {
            batch.ids(ids, at, end - at);
        }
    }

    private static void add(Batch batch, ImageSpan span, MemorySegment embeddings, int firstRow, int rows) {
        long rowBytes = embeddings.byteSize() / span.content().tokens();
        long[] keys = new long[rows];
        for (int i = 0; i < rows; i++) {
            keys[i] = span.content().key(firstRow + i);
        }
        batch.embeddings(
                embeddings.asSlice(firstRow * rowBytes, rows * rowBytes), rows, span.positions(firstRow, rows), keys);
    }

    /** What encoding the images has taken so far. */
    Encoding encoding() {
        return new Encoding(encoded, found, Duration.ofNanos(nanos));
    }

    /**
     * What the images of a prompt took.
     *
     * @param encoded the number of images that were encoded
     * @param found the number of images that had been encoded before
     */
    record Encoding(int encoded, int found, Duration time) {
        static final Encoding NONE = new Encoding(0, 0, Duration.ZERO);

        Encoding plus(Encoding more) {
            return new Encoding(encoded + more.encoded, found + more.found, time.plus(more.time));
        }
    }

    /** Releases the embeddings. */
    @Override
    public void close() {
        for (int i = first; i < spans.size(); i++) {
            release(i);
        }
    }
}
