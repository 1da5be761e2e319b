/**
 * Chat templates: the Jinja dialect in which model files say how a conversation becomes a prompt.
 *
 * <p>The reference is Python's Jinja2 3.1 as the Hugging Face libraries set it up: the immutable sandbox,
 * {@code trim_blocks} and {@code lstrip_blocks}, no autoescaping, loop controls, {@code tojson} that keeps non-ASCII
 * text, {@code raise_exception}, {@code strftime_now} and {@code generation} blocks. A model was trained on prompts
 * rendered that way, so one space more or less is a wrong prompt; what is here agrees with the reference to the
 * character, and what is not here is refused by name, with line and column, when the template is parsed.
 *
 * <p>The way through the package: {@link kawi.template.ChatTemplate} is the door. {@code Lexer} cuts the source into
 * tokens, {@code Parser} and {@code ExpressionParser} build {@code Node}s and {@code Expression}s, {@code Renderer}
 * walks the former, {@code Evaluator} the latter. {@code Frames} and {@code Scope} are the two halves of the variable
 * rules, at parse time and at render time. Template values are plain Java objects; what Python does with them is in
 * {@code Values}, {@code Comparison}, {@code Arithmetic}, {@code Lookup} and {@code Display}. What a template can name
 * is in the registries {@code Filters}, {@code Tests}, {@code Methods} and {@code Functions}.
 *
 * <p>Templates come with downloaded files and are not trusted: every step, character and level of nesting is paid for
 * from a {@code Budget}, so that no template loops, recurses or allocates without bound.
 *
 * <p>References: [1] Jinja 3.1 documentation, "Template Designer Documentation"; [2] the behaviour of Jinja2 3.1.6 on
 * CPython 3.11, recorded case by case in {@code jinja2-cases.json} among the tests; [3] Hugging Face transformers,
 * "Chat templates".
 */
@NullMarked
package kawi.template;

import org.jspecify.annotations.NullMarked;
