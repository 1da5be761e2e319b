/**
 * What a reply says: which of its text is thought, answer or tool call, whether it runs in circles, and when a thought
 * has to end.
 *
 * <p>Nothing here knows a model. {@link kawi.reply.ReplyParser} takes text and tells a {@link kawi.reply.ReplySink}.
 * {@link kawi.reply.LoopGuard} and {@link kawi.reply.ThoughtBudget} take tokens, one call for each. They work together
 * like this: a loop inside the thought closes the thought, and a fresh guard then watches the answer; a loop in the
 * answer ends the reply.
 */
@NullMarked
package kawi.reply;

import org.jspecify.annotations.NullMarked;
