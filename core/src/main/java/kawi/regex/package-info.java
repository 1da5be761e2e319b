/**
 * Regular expressions as JSON Schema defines them: those of ECMA-262 in Unicode mode. This is the only place that reads
 * patterns, so a constrained answer and the check of an argument cannot disagree about one.
 *
 * <p>{@link kawi.regex.RegexParser} translates a pattern to {@link kawi.regex.Node}s. {@link kawi.regex.Regex} searches
 * texts for it in linear time, and gives the nodes to {@code kawi.constraint}, which builds automata over bytes.
 * Anchors, word boundaries, lookahead and lookbehind may be anywhere: {@link kawi.regex.StateMachine} makes a
 * deterministic automaton of any of them, one state at a time. Backreferences are not regular and are refused with
 * {@link kawi.regex.UnsupportedRegexException}.
 *
 * <p>Patterns that ECMAScript does not have are accepted only if they have one meaning in every language that has them:
 *
 * <ul>
 *   <li>{@code \A}, {@code \Z} and {@code \z}, the start and the end of the text; {@code (?P<name>...)}, a group;
 *   <li>a backslash before any character that is not a letter or digit;
 *   <li>braces and {@code ]} where they cannot be part of a quantifier or class;
 *   <li>{@code (?i)} before everything else, for ASCII letters.
 * </ul>
 *
 * Everything else is refused with its column.
 *
 * <p>Patterns and texts are untrusted. All work on them is reported to the caller's {@link kawi.regex.Steps}, which may
 * end it. This package imports no other package of the project.
 */
@NullMarked
package kawi.regex;

import org.jspecify.annotations.NullMarked;
