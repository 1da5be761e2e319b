/**
 * Chat templates: the dialect of Jinja in which models specify how a conversation is converted to a prompt.
 *
 * <p>The reference is Python's Jinja2 3.1 as configured by the Hugging Face libraries: the immutable sandbox,
 * {@code trim_blocks} and {@code lstrip_blocks}, no autoescaping, loop controls, {@code tojson} without escapes for
 * non-ASCII text, {@code raise_exception}, {@code strftime_now} and {@code generation} blocks. Models are trained on
 * prompts rendered that way, so every space is significant. Supported features produce exactly the output of the
 * reference; unsupported statements, filters and tests are rejected by name, with line and column, when the template is
 * parsed, and unsupported methods when they are looked up.
 *
 * <p>{@link kawi.template.ChatTemplate} is the main class. {@code Lexer} converts the source to tokens, {@code Parser}
 * and {@code ExpressionParser} create {@code Node}s and {@code Expression}s, {@code Renderer} executes the former, and
 * {@code Evaluator} evaluates the latter. {@code Frames} and {@code Scope} implement the scoping rules during parsing
 * and rendering. Template values are plain Java objects; their Python semantics are in {@code Values},
 * {@code Comparison}, {@code Arithmetic}, {@code Lookup} and {@code Display}. The names available to templates are
 * registered in {@code Filters}, {@code Tests}, {@code Methods} and {@code Functions}.
 *
 * <p>Templates are part of downloaded files and are not trusted: a {@code Budget} limits steps, memory, output and
 * nesting.
 *
 * <p>References: [1] Jinja 3.1 documentation, "Template Designer Documentation"; [2] the behavior of Jinja2 3.1.6 on
 * CPython 3.11, recorded in the tests' {@code jinja2-cases.json}; [3] Hugging Face transformers, "Chat templates".
 */
@NullMarked
package kawi.template;

import org.jspecify.annotations.NullMarked;
