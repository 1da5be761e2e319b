/**
 * Dialects: the markup and conventions of the conversations of families of models. The tags of thoughts, the syntax of
 * tool calls, end tokens, the tokens between messages, template variables and the recommended sampling options of a
 * family are in this package and nowhere else.
 *
 * <p>{@link kawi.dialect.Dialect} is the interface used by the engine, {@link kawi.dialect.Dialects} chooses one for a
 * model, and each dialect is a class of its own, such as {@link kawi.dialect.QwenDialect} for Qwen3.5. A syntax of
 * calls that takes more than a few lines to parse has its own parser, such as {@code QwenCallParser}, whose rules are
 * stated in README.md beside it. Code that works for more than one dialect belongs in {@code kawi.reply} (parsing
 * replies), {@code kawi.constraint} (constraining calls) or the engine, none of which depends on a family. This package
 * uses the first two; they do not use it.
 *
 * <p>To add a dialect: write a class that implements {@link kawi.dialect.Dialect}, with a {@link kawi.reply.CallParser}
 * if its models call tools, add it to {@link kawi.dialect.Dialects}, and add tests like {@code ToyReplyTest} and
 * {@code ToyConversationTest}. Nothing else changes, unless its calls need another kind of
 * {@link kawi.constraint.CallSyntax.Arguments}.
 */
@NullMarked
package kawi.dialect;

import org.jspecify.annotations.NullMarked;
