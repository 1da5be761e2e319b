/**
 * Parses replies: separates thought, answer and tool calls, detects repetition, and limits the length of thoughts.
 *
 * <p>This package is independent of models and families of models. The markup of a family is defined by its {@code
 * kawi.dialect.Dialect}, which this package does not use. {@link kawi.reply.ReplyParser} parses text, with the tags of
 * a {@link kawi.reply.ReplyMarkup}, and notifies a {@link kawi.reply.ReplySink}; calls are parsed by the dialect's
 * {@link kawi.reply.CallParser}. Calls in a thought are passed on only if no answer follows. {@link
 * kawi.reply.LoopGuard} and {@link kawi.reply.ThoughtBudget} accept one token per call. They are used together: one
 * guard checks the thoughts of an answer, which share one budget, and another one the answer; a loop inside a thought
 * closes the thought, a loop in the answer ends the reply.
 *
 * <p>Code that works on replies of more than one family belongs here, parsers of one family's calls in
 * {@code kawi.dialect}. To add a kind of markup, add a {@link kawi.reply.Tag.Kind} and implement in
 * {@link kawi.reply.ReplyParser} where it is expected and what it does.
 */
@NullMarked
package kawi.reply;

import org.jspecify.annotations.NullMarked;
