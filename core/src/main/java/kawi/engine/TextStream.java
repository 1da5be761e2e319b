package kawi.engine;

import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** An answer as a stream of its pieces, generated as they are consumed. */
final class TextStream {

    private TextStream() {}

    /**
     * A stream of what {@code step} leaves in {@code fresh}. It is closed when it has been consumed.
     *
     * @param step does a step, and says whether there are more
     * @param fresh text that no piece has yet
     */
    static Stream<String> of(BooleanSupplier step, StringBuilder fresh) {
        Pieces pieces = new Pieces(step, fresh);
        Stream<String> stream = StreamSupport.stream(pieces, false);
        pieces.whole = stream;
        return stream;
    }

    private static final class Pieces extends Spliterators.AbstractSpliterator<String> {
        private final BooleanSupplier step;
        private final StringBuilder fresh;
        private Stream<String> whole = Stream.empty();
        private boolean more = true;

        Pieces(BooleanSupplier step, StringBuilder fresh) {
            super(Long.MAX_VALUE, Spliterator.ORDERED | Spliterator.NONNULL);
            this.step = step;
            this.fresh = fresh;
        }

        @Override
        public boolean tryAdvance(Consumer<? super String> action) {
            while (more && fresh.isEmpty()) {
                more = step.getAsBoolean();
            }
            if (fresh.isEmpty()) {
                whole.close();
                return false;
            }
            String piece = fresh.toString();
            fresh.setLength(0);
            action.accept(piece);
            return true;
        }
    }
}
