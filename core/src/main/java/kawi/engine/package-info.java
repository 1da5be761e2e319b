/**
 * The loaded model: its sequences and snapshots, generation, conversations. The public API is in package {@code kawi};
 * the classes here implement it, beginning with {@link kawi.engine.KawiEngine}. This package may use every other one
 * and is used by none. A new capability of models is a class here with an entry point in {@code kawi}; what is specific
 * to a family of models belongs in {@code kawi.architecture} or {@code kawi.dialect}.
 *
 * <h2>Rules at run time</h2>
 *
 * <p><b>One lock order.</b> From the outermost to the innermost; while one is held, only those below it may be taken:
 *
 * <ol>
 *   <li>a claim ({@code TokenSequence}, {@code Conversation}): not a lock; it rejects a second user and never waits;
 *   <li>the opening of a sequence ({@code CachedSequence});
 *   <li>a use of the model ({@code Lifetime}): a count that keeps its memory, taken for a step;
 *   <li>the digest of the weights ({@code Fingerprint}), interruptible;
 *   <li>the memory of a sequence ({@code TokenSequence}), taken for a step;
 *   <li>the lead of the passes ({@code Scheduler}), which one of the waiting threads has at a time;
 *   <li>the workers ({@code WorkerPool}).
 * </ol>
 *
 * A place ({@code Admission}) is waited for before a step begins, with no more than a claim held. The monitors inside
 * {@code Lifetime}, {@code Admission}, {@code Scheduler} and {@code SnapshotLimit} and of the model's caches are leaves
 * outside of that order. They guard fields and collections: states are copied and freed, and messages are
 * logged, after they have been released.
 *
 * <p><b>No user code under a lock.</b> Listeners, processors, tools, consumers of streams and of logits run within a
 * claim at most. They may therefore call any method, on any thread, and close any object.
 *
 * <p><b>Budgets and interrupts.</b> Work on input from outside has a limit of steps and memory, and ends early when its
 * thread is interrupted: passes check between layers, threads that wait for a place or a pass while they wait, readers
 * of files between pieces. A pass that several sequences share ends early only if all of them do; its callers check
 * before the next one.
 *
 * <p><b>Memory has an owner, a plan and a count.</b> Compute buffers belong to the model, states to their sequence or
 * snapshot. Shared memory counts once and is freed by its last owner. The count is updated with each change, at a cost
 * proportional to the change, not to the total. Cached states have a limit for each conversation and one for each
 * model; caches are bounded. An object that is not closed is freed by {@code TrackedResource} when it becomes
 * unreachable.
 *
 * <p><b>Closing cancels.</b> {@code close()} never fails because an object is in use. It marks the object as closed,
 * which cancels the current step, waits for that step only, or for the pass that it shares, and frees the memory. Other
 * users of the object receive a {@code ClosedException}; an answer in progress ends as cancelled.
 *
 * <p><b>A cancelled answer</b> stays in its conversation as far as it was generated, whatever the cause; an answer that
 * fails leaves the conversation unchanged.
 */
@NullMarked
package kawi.engine;

import org.jspecify.annotations.NullMarked;
