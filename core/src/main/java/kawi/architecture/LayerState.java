package kawi.architecture;

import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import kawi.kernels.DeltaState;
import kawi.kernels.KvPages;

/** What one layer remembers of a sequence. */
sealed interface LayerState {

    /** Becomes a copy of {@code other}, the state of the same layer of another sequence, after its first {@code length} tokens. */
    void assign(LayerState other, int length);

    /** The state before the first token. */
    void clear();

    /** Hands over the memory that the state after {@code length} tokens is made of; before that, makes room for them. */
    void forEach(int length, Consumer<MemorySegment> memory);

    /** Gives back memory that is not the sequence's arena's. */
    void release();

    /** Keys and values of all positions. */
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
        public void release() {
            kv.close();
        }

        @Override
        public void forEach(int length, Consumer<MemorySegment> memory) {
            kv.reserve(length);
            kv.forEach(length, memory);
        }
    }

    /** A recurrent state of fixed size; it cannot be taken back to an earlier position. */
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
        public void release() {}

        @Override
        public void forEach(int length, Consumer<MemorySegment> memory) {
            memory.accept(state.recurrent());
            memory.accept(state.history());
        }
    }
}
