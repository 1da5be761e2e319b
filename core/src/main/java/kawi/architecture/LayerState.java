package kawi.architecture;

import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;
import kawi.kernels.Activations;
import kawi.kernels.DeltaState;
import kawi.kernels.KvPages;

/** The state of one layer for a sequence. A mixer with a new kind of state has its own implementation. */
public interface LayerState {

    /**
     * Becomes a copy of {@code other}, the state of the same layer of another sequence, after its first {@code length}
     * rows. Rows that are revocable there are revocable here as well.
     */
    void assign(LayerState other, int length);

    /** The state before the first row. */
    void clear();

    /**
     * Removes the last {@code rows} rows, which were appended as revocable, as if they had never been appended.
     *
     * @param length the number of remaining rows
     */
    void takeBack(int rows, int length);

    /**
     * Passes the memory of the state after {@code length} rows to a consumer, in a fixed order, to be read or written,
     * after allocating it if necessary.
     *
     * @param revocable how many of the last rows are revocable
     */
    void forEach(int length, int revocable, Consumer<MemorySegment> memory);

    /** The number of bytes of the state, including those shared with copies. */
    long bytes();

    /** The number of parts of the memory, which copies may share. */
    int parts();

    /**
     * Passes the parts from index {@code from} on, and the bytes of each, to a consumer. Appending rows does not change
     * the parts before the last ones.
     */
    void forEachPart(int from, ObjLongConsumer<Object> part);

    /** Frees memory that does not belong to the sequence's arena. */
    void release();

    /** The keys and values of all slots. */
    record Attention(KvPages kv) implements LayerState {

        @Override
        public void assign(LayerState other, int length) {
            kv.assign(((Attention) other).kv, length);
        }

        @Override
        public void clear() {
            kv.close();
        }

        @Override
        public void takeBack(int rows, int length) {
            kv.takeBack(length);
        }

        @Override
        public void forEach(int length, int revocable, Consumer<MemorySegment> memory) {
            kv.reserve(length);
            kv.forEach(length, memory);
        }

        @Override
        public long bytes() {
            return kv.bytes();
        }

        @Override
        public int parts() {
            return kv.pages();
        }

        @Override
        public void forEachPart(int from, ObjLongConsumer<Object> part) {
            long bytes = kv.layout().pageBytes();
            kv.forEachPage(from, page -> part.accept(page, bytes));
        }

        @Override
        public void release() {
            kv.close();
        }
    }

    /** A recurrent state of fixed size, and the contributions of revocable rows to it. */
    record Delta(DeltaState state) implements LayerState {

        @Override
        public void assign(LayerState other, int length) {
            state.assign(((Delta) other).state);
        }

        @Override
        public void clear() {
            state.clear();
        }

        @Override
        public void takeBack(int rows, int length) {
            state.takeBack(rows);
        }

        /** Passes the state before the revocable rows, and the contributions of these. */
        @Override
        public void forEach(int length, int revocable, Consumer<MemorySegment> memory) {
            memory.accept(state.recurrent());
            memory.accept(state.history());
            if (revocable > 0) {
                state.reserve(revocable);
                DeltaState.Kept kept = state.kept();
                memory.accept(rows(kept.u(), revocable));
                memory.accept(rows(kept.y(), revocable));
                memory.accept(rows(kept.decay(), revocable));
                state.restore(revocable);
            }
        }

        private static MemorySegment rows(Activations kept, int rows) {
            return kept.floats().asSlice(0, (long) rows * kept.width() * Float.BYTES);
        }

        @Override
        public long bytes() {
            return state.bytes();
        }

        @Override
        public int parts() {
            return 1;
        }

        @Override
        public void forEachPart(int from, ObjLongConsumer<Object> part) {
            if (from == 0) {
                part.accept(state, state.bytes());
            }
        }

        @Override
        public void release() {
            state.release();
        }
    }
}
