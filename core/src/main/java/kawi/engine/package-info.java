/**
 * The loaded model: its sequences and snapshots, generation, conversations. What a user types is in package
 * {@code kawi}; the classes here implement it, beginning with {@link kawi.engine.KawiEngine}. This package may use
 * every other one and is used by none. A new thing that a model can do gets a class here and a way to it in
 * {@code kawi}; what only one family of models does belongs into {@code kawi.architecture} or {@code kawi.dialect}.
 *
 * <h2>Rules at run time</h2>
 *
 * <p><b>One lock order.</b> From the outside to the inside; whoever holds one takes only those below it:
 *
 * <ol>
 *   <li>a claim ({@code TokenSequence}, {@code Conversation}): not a lock, it refuses a second user and never waits;
 *   <li>the opening of a sequence ({@code CachedSequence});
 *   <li>a use of the model ({@code Lifetime}): a count that keeps its memory, taken for a step;
 *   <li>the digest of the weights ({@code Fingerprint}), interruptible;
 *   <li>the memory of a sequence ({@code TokenSequence}), taken for a step;
 *   <li>the turn to compute ({@code PassQueue}), taken for one forward pass, or for the logits of one;
 *   <li>the workers ({@code WorkerPool}).
 * </ol>
 *
 * The monitors inside {@code Lifetime}, {@code PassQueue} and {@code SnapshotLimit} and of the model's caches are
 * leaves beside that order. They guard fields and collections: states are copied and freed, and messages are logged,
 * when they have been given back.
 *
 * <p><b>No user code under a lock.</b> Listeners, processors, tools, consumers of streams and of logits run in a claim
 * at most. So they may call whatever they like, on any thread, and close anything.
 *
 * <p><b>Budgets and interrupts.</b> What works on input from outside has a limit of steps and memory, and ends early
 * when its thread is interrupted: passes ask between layers, those who wait for their turn while they wait, readers of
 * files between pieces.
 *
 * <p><b>Memory has an owner, a plan and a count.</b> Buffers to compute in belong to the model, states to their
 * sequence or snapshot. What two owners share counts once and is freed by the last. Counting follows each change, and
 * costs what the change is about, not what is there. Kept states have a limit for each conversation and one for each
 * model; caches are bounded. Whoever forgets to close something is closed by {@code Unclosed} when it becomes
 * unreachable.
 *
 * <p><b>Closing cancels.</b> {@code close()} never refuses because something is busy. It marks what it closes, which
 * cancels the step under way, waits for that step alone, and frees. Whoever was using it sees a
 * {@code ClosedException}; an answer under way ends as cancelled.
 *
 * <p><b>A cancelled answer</b> stays in its conversation as far as it came, whatever cancelled it; one that fails
 * leaves no trace.
 */
@NullMarked
package kawi.engine;

import org.jspecify.annotations.NullMarked;
