/**
 * Dialects: what families of models write and read around the words of a conversation. The markers of thoughts, the
 * syntax of tool calls, end tokens, the tokens between messages, the variables of templates and the recommended
 * sampling options of a family are here and nowhere else.
 *
 * <p>{@link kawi.dialect.Dialect} is what the engine asks, {@link kawi.dialect.Dialects} chooses one for a model, and
 * each dialect is a class of its own, {@link kawi.dialect.QwenDialect} being Qwen3.5's; a syntax of calls that takes
 * more than a few lines to read has its parser beside it, as {@code QwenCallParser}. What may enter: that, and no
 * machinery. What works for more than one dialect belongs to {@code kawi.reply} (reading replies),
 * {@code kawi.constraint} (forcing calls) or the engine, none of which knows any family. This package uses the first
 * two; they do not use it.
 *
 * <p>To add a dialect: write a class that implements {@link kawi.dialect.Dialect}, with a
 * {@link kawi.reply.CallParser} if its models call tools, add it to {@link kawi.dialect.Dialects}, and give it tests in
 * the manner of {@code ToyReplyTest} and {@code ToyConversationTest}. Nothing else changes, unless its calls
 * need another kind of {@link kawi.constraint.CallSyntax.Arguments}.
 */
@NullMarked
package kawi.dialect;

import org.jspecify.annotations.NullMarked;
