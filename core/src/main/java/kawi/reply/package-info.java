/**
 * Reading replies: which of the text is thought, answer or tool call, whether it repeats itself, and when a thought has
 * to end.
 *
 * <p>Nothing here knows a model or a family of models; what a family writes comes from its
 * {@code kawi.dialect.Dialect}, and this package does not use that one. {@link kawi.reply.ReplyParser} takes text,
 * with the tags of a {@link kawi.reply.ReplyMarkup}, and tells a {@link kawi.reply.ReplySink}; a call is read by the
 * dialect's {@link kawi.reply.CallParser}. {@link kawi.reply.LoopGuard} and {@link kawi.reply.ThoughtBudget} take
 * tokens, one call for each. They work together like this: a loop inside the thought closes the thought, and a fresh
 * guard then watches the answer; a loop in the answer ends the reply.
 *
 * <p>What may enter: anything that works on replies of more than one family. Parsers of one family's calls belong to
 * {@code kawi.dialect}. To add a kind of markup, add a {@link kawi.reply.Tag.Kind} and say in
 * {@link kawi.reply.ReplyParser} where it is expected and what it does.
 */
@NullMarked
package kawi.reply;

import org.jspecify.annotations.NullMarked;
