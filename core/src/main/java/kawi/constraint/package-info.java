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
 * <p>Lengths are counted beside the automata, so a limit of 10,000 characters costs no more states, time or memory than
 * one of 10: those of strings of any content by {@link kawi.constraint.Loop}, those of texts with a pattern or format
 * and of raw text by {@link kawi.constraint.Lengths}, and repetitions of a character inside of a pattern, where they
 * can be told from what is around them, by {@link kawi.constraint.CountedRepetitions}.
 *
 * <p>This package contains forms of answers and their enforcement. It does not depend on a model family; the syntax of
 * tool calls comes from a {@code kawi.dialect.Dialect} as a {@link kawi.constraint.CallSyntax}. To add another syntax
 * of arguments, add a kind of {@link kawi.constraint.CallSyntax.Arguments} and its expression in {@link
 * kawi.constraint.ToolCallGrammar}. To add a form, add a class that translates it to expressions and a factory method
 * in {@link kawi.constraint.Grammar}.
 *
 * <h2>JSON Schema</h2>
 *
 * <p>Schemas are those of draft 2020-12 and draft 7; where {@code $schema} names draft 7 or an older one, the keywords
 * beside {@code $ref} are ignored. Unknown keywords, {@code discriminator} among them, are annotations: they are
 * ignored, with a warning if they look like a misspelled keyword. {@code nullable: true} beside {@code type} adds null,
 * and {@code exclusiveMinimum: true} beside {@code minimum} is read as in draft 4. Formats that {@link
 * kawi.constraint.StringForms} does not know are annotations.
 *
 * <p>Every answer is valid against the schema, but not every valid value is a possible answer. Where the schema leaves
 * a choice without meaning, only one form is generated:
 * <ul>
 *   <li>a schema without {@code type}, {@code enum} and {@code const} that has keywords for strings, numbers, arrays or
 *       objects has values of these types only;
 *   <li>objects are closed: one that has {@code properties} or {@code patternProperties} has no members that these do
 *       not mention, unless {@code additionalProperties} or {@code unevaluatedProperties} is given. A schema under
 *       {@code not} mentions nothing, and neither do the options of {@code anyOf} that were not chosen;
 *   <li>members are in the order of the schema, each at most once, then those that it does not name. The latter may
 *       repeat, because the names written so far are not tracked: parsers take the last value, and {@code
 *       minProperties} and {@code maxProperties} count each;
 *   <li>where a member whose values are constants tells the options of a {@code oneOf} apart, it is written, even if it
 *   is
 *       not required;
 *   <li>the values of {@code enum} and {@code const} are written as they stand in the schema, without white space;
 *   <li>integers have no fraction and no exponent; other white space, numbers and strings are as in {@link
 *       kawi.constraint.JsonRules} and {@link kawi.constraint.Numbers};
 *   <li>unique elements from a list of more than eight constants are in the order of the schema;
 *   <li>elements count as evaluated for {@code unevaluatedItems} by {@code prefixItems} and {@code items}, but not by
 *       {@code contains};
 *   <li>formats are asserted if they are known, and then in a narrower form than the standard's.
 * </ul>
 *
 * <p>An option of {@code oneOf} excludes the others, {@code not} and {@code if} are complements. This is exact for
 * strings and numbers, which are regular, and for objects and arrays as far as their members and elements are named.
 * The following is rejected by name:
 * <ul>
 *   <li>{@code uniqueItems}, except for constants and for tuples whose elements cannot be equal, and beside {@code
 *       contains};
 *   <li>{@code uniqueItems}, {@code unevaluatedItems} and {@code unevaluatedProperties} inside {@code not}, {@code if},
 *       and an option of {@code oneOf} that another may overlap;
 *   <li>more than one member of which only a pattern or nothing is known that must exist for the complement of {@code
 *       additionalProperties}, {@code patternProperties} or {@code propertyNames};
 *   <li>{@code $ref} to other documents, {@code $dynamicRef} to a name that stands in several places, and {@code
 *       $recursiveRef};
 *   <li>{@code multipleOf} whose remainders are too many, and more alternatives, elements that are counted, patterns of
 *       names, and states than the limits in the code allow.
 * </ul>
 *
 * <p>In a call of a tool whose arguments are enclosed in tags, a parameter that allows strings is written as text
 * without quotes; if the text is JSON of another type that the parameter allows, it is read as that.
 */
@NullMarked
package kawi.constraint;

import org.jspecify.annotations.NullMarked;
