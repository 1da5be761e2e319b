package kawi.template;

import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Map;
import java.util.Set;
import kawi.tokenizer.OriginText;

/**
 * A chat template of a model ({@code chat_template} in {@code tokenizer_config.json}, {@code chat_template.jinja},
 * {@code tokenizer.chat_template} in GGUF), rendered exactly as by Jinja2 in the Hugging Face libraries.
 *
 * <pre>
 *   var template = ChatTemplate.parse("tokenizer_config.json", source);
 *   OriginText prompt = template.render(Map.of(
 *           "messages", List.of(Map.of("role", "user", "content", "Why is the sky blue?")),
 *           "add_generation_prompt", true));
 * </pre>
 *
 * <p>All statements are supported except inheritance, inclusion and {@code autoescape}. The filters, tests, functions
 * and methods that templates use for text and JSON-like data are supported; others are rejected by name. In addition,
 * {@code break} and {@code continue}, {@code tojson(indent, …)}, {@code raise_exception(message)},
 * {@code strftime_now(format)} and {@code generation} blocks are supported.
 *
 * <p>Templates are not trusted: the number of steps, the memory and the stack depth of rendering are bounded, with
 * limits that depend on the size of the variables. Templates are immutable and safe for use by multiple threads.
 */
public final class ChatTemplate {

    private final Source source;
    private final Node.Block body;
    private final Set<String> names;

    private ChatTemplate(Source source, Parser.Result parsed) {
        this.source = source;
        this.body = parsed.body();
        this.names = parsed.names();
    }

    /**
     * Parses a template.
     *
     * @param name the name of the template for messages, usually that of its file
     * @param source the text of the template
     * @throws TemplateException if the syntax is invalid or an unsupported feature is used
     */
    public static ChatTemplate parse(String name, String source) {
        var text = Source.of(name, source);
        return new ChatTemplate(text, Parser.parse(text));
    }

    /** Whether the template reads a variable with this name, be it the caller's or its own. */
    public boolean reads(String variable) {
        return names.contains(variable);
    }

    /**
     * Renders the template.
     *
     * @param variables the variables of the template by name; values are {@link String}, {@link OriginText},
     *     {@link Boolean}, {@link Integer}, {@link Long}, {@link java.math.BigInteger}, {@link Float}, {@link Double},
     *     {@code null}, {@link Iterable}s and {@link Map}s with string keys (in iteration order) of such values.
     *     Strings and keys are text from outside. The values are copied before rendering.
     * @return the prompt, in which each character has the origin of the text that it is part of
     * @throws IllegalArgumentException if a value has another type; the message contains its path
     * @throws TemplateException if the template calls {@code raise_exception} ({@link TemplateException#raised()}),
     *     evaluation fails as in Jinja2, or a limit is exceeded
     */
    public OriginText render(Map<String, ?> variables) {
        return render(variables, InstantSource.system(), ZoneId.systemDefault());
    }

    /**
     * @param clock the clock of {@code strftime_now}
     * @param zone the time zone of {@code strftime_now}
     */
    OriginText render(Map<String, ?> variables, InstantSource clock, ZoneId zone) {
        var given = Variables.of(variables);
        var budget = new Budget(given.weight());
        var outermost = Scope.of(Functions.global(budget, clock, zone));
        given.values().forEach(outermost::set);
        return new Renderer(source, budget).render(body, outermost.inner(body.frame()));
    }
}
