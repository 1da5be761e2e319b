package kawi.engine;

import java.lang.ref.Reference;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * An answer as a stream of its pieces, generated as they are consumed. Its resources are freed when the stream has been
 * consumed, fails, is closed or becomes unreachable.
 */
final class TextStream {

    private TextStream() {}

    /** Generates the pieces. */
    interface Source extends AutoCloseable {

        /** Performs a step. Returns false if it was the last. */
        boolean step();

        /** Cancels the answer. Called once, by any thread. */
        @Override
        void close();
    }

    /**
     * Returns a stream of the text that {@code source} appends to {@code pending}.
     *
     * @param source must not refer to the stream
     * @param pending text not yet part of a piece
     */
    static Stream<String> of(LoadedModel model, Source source, StringBuilder pending) {
        Pieces pieces = new Pieces(model, source, pending);
        Stream<String> stream = StreamSupport.stream(pieces, false).onClose(pieces.memory::close);
        pieces.whole = stream;
        return stream;
    }

    private static final class Pieces extends Spliterators.AbstractSpliterator<String> {
        private final Source source;
        private final StringBuilder pending;
        private final TrackedResource memory;
        private Stream<String> whole = Stream.empty();
        private boolean more = true;

        Pieces(LoadedModel model, Source source, StringBuilder pending) {
            super(Long.MAX_VALUE, Spliterator.ORDERED | Spliterator.NONNULL);
            this.source = source;
            this.pending = pending;
            this.memory = model.track(this, "a stream of an answer", source::close);
        }

        @Override
        public boolean tryAdvance(Consumer<? super String> action) {
            boolean advanced = false;
            try {
                advanced = advance(action);
                return advanced;
            } finally {
                if (!advanced) {
                    whole.close();
                }
                Reference.reachabilityFence(this);
            }
        }

        private boolean advance(Consumer<? super String> action) {
            while (more && pending.isEmpty()) {
                more = source.step();
            }
            if (pending.isEmpty()) {
                return false;
            }
            String piece = pending.toString();
            pending.setLength(0);
            action.accept(piece);
            return true;
        }
    }
}
