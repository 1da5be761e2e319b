package kawi.architecture;

import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;
import kawi.kernels.Activations;
import kawi.kernels.DeltaCall;
import kawi.kernels.DeltaState;
import kawi.kernels.KvPages;

/** What one layer remembers of a sequence. A mixer that remembers something new brings its own. */
public interface LayerState {

    /**
     * Becomes a copy of {@code other}, the state of the same layer of another sequence, after its first {@code length}
     * rows; what of it can be taken back can be taken back here as well.
     */
    void assign(LayerState other, int length);

    /** The state before the first row. */
    void clear();

    /**
     * Forgets the last {@code rows} rows, which were appended as revocable, as if they had never been appended.
     *
     * @param length rows that are left
     */
    void takeBack(int rows, int length);

    /**
     * Hands over, in a fixed order, the memory that the state after {@code length} rows is made of, to be read or
     * written; before that, makes room for it.
     *
     * @param revocable how many of the last rows can be taken back
     */
    void forEach(int length, int revocable, Consumer<MemorySegment> memory);

    /** Bytes that it holds, those that it shares with copies included. */
    long bytes();

    /** Hands over the parts that its memory consists of and that copies may share, and the bytes of each. */
    void forEachPart(ObjLongConsumer<Object> part);

    /** Gives back memory that is not the sequence's arena's. */
    void release();

    /** Keys and values of all slots. */
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
        public void forEachPart(ObjLongConsumer<Object> part) {
            long bytes = kv.layout().pageBytes();
            kv.forEachPage(page -> part.accept(page, bytes));
        }

        @Override
        public void release() {
            kv.close();
        }
    }

    /** A recurrent state of fixed size, and what revocable rows contribute to it. */
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

        /** The state before the revocable rows, and what these contribute. */
        @Override
        public void forEach(int length, int revocable, Consumer<MemorySegment> memory) {
            memory.accept(state.recurrent());
            memory.accept(state.history());
            if (revocable > 0) {
                state.reserve(revocable);
                DeltaState.Kept kept = state.kept();
                memory.accept(rows(kept.u(), revocable));
                DeltaCall call = kept.call();
                memory.accept(rows(call.y(), revocable));
                memory.accept(rows(call.decay(), revocable));
                memory.accept(rows(call.beta(), revocable));
                state.keep(kept.u(), call.y(), call.decay(), call.beta(), 0, revocable);
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
        public void forEachPart(ObjLongConsumer<Object> part) {
            part.accept(state, state.bytes());
        }

        @Override
        public void release() {}
    }
}
