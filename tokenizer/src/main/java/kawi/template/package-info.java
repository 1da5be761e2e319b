/**
 * Chat templates: the dialect of Jinja in which models specify how a conversation is converted to a prompt.
 *
 * <p>The reference is Python's Jinja2 3.1 as configured by the Hugging Face libraries: the immutable sandbox,
 * {@code trim_blocks} and {@code lstrip_blocks}, no autoescaping, loop controls, {@code tojson} without escapes for
 * non-ASCII text, {@code raise_exception}, {@code strftime_now} and {@code generation} blocks. Models are trained on
 * prompts rendered that way, so every space is significant. Supported features produce exactly the output of the
 * reference; unsupported features are rejected by name, with line and column: inheritance, inclusion, import and
 * {@code autoescape}, and the filters {@code pprint}, {@code random} and {@code urlize} when the template is parsed,
 * the function {@code lipsum} and some methods of strings and numbers when they are used.
 *
 * <p>{@link kawi.template.ChatTemplate} is the main class. {@code Lexer} converts the source to tokens, {@code Parser}
 * and {@code ExpressionParser} create {@code Node}s and {@code Expression}s, {@code Renderer} executes the former, and
 * {@code Evaluator} evaluates the latter. {@code Frames} and {@code Scope} implement the scoping rules during parsing
 * and rendering. Template values are plain Java objects; their Python semantics are in {@code Values},
 * {@code Comparison}, {@code Arithmetic}, {@code Lookup} and {@code Display}. The names available to templates are
 * registered in {@code Filters}, {@code Tests}, {@code Methods} and {@code Functions}.
 *
 * <p>A template sees the caller's variables exactly as they were given. Every string remembers which of its characters
 * the template wrote and which are from outside ({@link kawi.tokenizer.OriginText}), through all operators, methods,
 * filters, macros and captured blocks, and so does the rendered prompt. Strings and keys of the caller are from
 * outside; the text of the template, its literals, the names in it, printed numbers and constants, dates, and variables
 * that are given as text of the template, such as special tokens, are the template's. Characters that are computed and
 * belong to neither, such as the brackets of printed lists and of JSON, count as outside. The tokenizer recognizes
 * added tokens only where the template wrote all of their characters.
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
