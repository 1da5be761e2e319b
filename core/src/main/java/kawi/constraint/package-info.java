/**
 * Constrained generation: which tokens may come next, so that the whole answer has a given form.
 *
 * <p>There is one file for each step from a schema to a mask. {@link kawi.constraint.SchemaCompiler}, {@link
 * kawi.constraint.PatternLanguage} and {@link kawi.constraint.ToolCallGrammar} translate the requested form to {@link
 * kawi.constraint.Expression}s; {@link kawi.constraint.Nfa} converts each to an {@link kawi.constraint.Automaton} over
 * bytes, and {@link kawi.constraint.Rules} combines these into a {@link kawi.constraint.Grammar}, in which they call
 * each other. {@link kawi.constraint.Machine} follows the grammar byte by byte, {@link kawi.constraint.Masks} applies
 * it to the {@link kawi.constraint.TokenTrie} of a vocabulary, and {@link kawi.constraint.Constrained} is one answer in
 * progress.
 *
 * <p>Patterns are read by {@link kawi.regex}, and mean here what they mean where arguments are checked.
 *
 * <p>This package contains forms of answers and their enforcement. It does not depend on a model family; the syntax of
 * tool calls comes from a {@code kawi.dialect.Dialect} as a {@link kawi.constraint.CallSyntax}. To add another syntax
 * of arguments, add a kind of {@link kawi.constraint.CallSyntax.Arguments} and its expression in {@link
 * kawi.constraint.ToolCallGrammar}. To add a form, add a class that translates it to expressions and a factory method
 * in {@link kawi.constraint.Grammar}.
 */
@NullMarked
package kawi.constraint;

import org.jspecify.annotations.NullMarked;
