package kawi.architecture;

import java.lang.foreign.Arena;
import kawi.kernels.Activations;
import kawi.kernels.Rotation;

/**
 * The buffers one sequence computes in, named after their role and shared by all layers; nothing in them outlives a chunk but the
 * hidden rows that logits are asked for. Those of attention, Gated DeltaNet and the feed-forward network are in the same memory, since only
 * one of the three computes at a time: nothing in them outlives its sub-layer.
 *
 * @param arena owns all of it
 * @param capacity tokens per chunk
 * @param stream the residual stream
 * @param hidden input of a sub-layer, [capacity, hidden]; at the end the final norm's output
 * @param output output of a sub-layer, [capacity, hidden]
 * @param embedding one decoded embedding row
 * @param rotation of the chunk's positions
 * @param attention buffers of full-attention layers
 * @param delta buffers of Gated DeltaNet layers
 * @param mlp buffers of the feed-forward networks
 */
record Workspace(
        Arena arena,
        int capacity,
        ResidualStream stream,
        Activations hidden,
        Activations output,
        float[] embedding,
        Rotation rotation,
        GatedAttention.Buffers attention,
        GatedDeltaNet.Buffers delta,
        GatedMlp.Buffers mlp) {}
