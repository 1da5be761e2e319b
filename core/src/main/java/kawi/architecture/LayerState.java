package kawi.architecture;

import kawi.kernels.DeltaState;
import kawi.kernels.KvPages;

/** What one layer remembers of a sequence. */
sealed interface LayerState {

    /** Keys and values of all positions. */
    record Attention(KvPages kv) implements LayerState {}

    /** A recurrent state of fixed size; it cannot be taken back to an earlier position. */
    record Delta(DeltaState state) implements LayerState {}
}
