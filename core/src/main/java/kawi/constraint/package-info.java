/**
 * Answers by construction: which tokens may come next so that the whole answer is of a given form.
 *
 * <p>The way from a schema to a mask, one file for each step. {@link kawi.constraint.SchemaCompiler}, {@link
 * kawi.constraint.RegexParser} and {@link kawi.constraint.ToolCallGrammar} translate what is wanted to {@link
 * kawi.constraint.Expression}s; {@link kawi.constraint.Nfa} makes an {@link kawi.constraint.Automaton} over bytes of
 * each, and {@link kawi.constraint.Rules} puts those together to a {@link kawi.constraint.Grammar}, in which they call
 * each other. {@link kawi.constraint.Machine} follows the grammar byte by byte, {@link kawi.constraint.Masks} lets it
 * walk over the {@link kawi.constraint.TokenTrie} of a vocabulary, and {@link kawi.constraint.Constrained} is one
 * answer under way.
 *
 * <p>What may enter: forms of answers and the machinery that keeps to them. Nothing here knows a family of models; how
 * one writes calls of tools comes from its {@code kawi.dialect.Dialect} as a {@link kawi.constraint.CallSyntax}. To add
 * another way of writing arguments, add a kind of {@link kawi.constraint.CallSyntax.Arguments} and its expression in
 * {@link kawi.constraint.ToolCallGrammar}. To add a form, add a class that makes expressions of it and a factory method
 * in {@link kawi.constraint.Grammar}.
 */
@NullMarked
package kawi.constraint;

import org.jspecify.annotations.NullMarked;
