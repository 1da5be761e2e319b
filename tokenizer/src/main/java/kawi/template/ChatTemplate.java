package kawi.template;

import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Map;

/**
 * A chat template as model files carry it ({@code chat_template} in {@code tokenizer_config.json},
 * {@code chat_template.jinja}, {@code tokenizer.chat_template} in GGUF), rendered exactly as Jinja2 renders it in the
 * Hugging Face libraries.
 *
 * <pre>
 *   var template = ChatTemplate.parse("tokenizer_config.json", source);
 *   String prompt = template.render(Map.of(
 *           "messages", List.of(Map.of("role", "user", "content", "Why is the sky blue?")),
 *           "add_generation_prompt", true));
 * </pre>
 *
 * <p>Available are all statements except inheritance, inclusion and recursive loops; the filters, tests, functions and
 * methods that templates use on text and JSON-like data (a call of anything else is refused by name); {@code break} and
 * {@code continue}; {@code tojson(indent, …)}, {@code raise_exception(message)}, {@code strftime_now(format)} and
 * {@code generation} blocks.
 *
 * <p>Templates are not trusted: rendering takes a bounded number of steps, a bounded amount of memory and a bounded
 * stack, with allowances that grow with the variables given. A template is immutable and may be used by any number of
 * threads at once.
 */
public final class ChatTemplate {

    private final Source source;
    private final Node.Block body;

    private ChatTemplate(Source source, Node.Block body) {
        this.source = source;
        this.body = body;
    }

    /**
     * Parses a template.
     *
     * @param name what to call it in messages, usually the file it comes from
     * @param source the text of the template
     * @throws TemplateException if the syntax is wrong or something is used that is not available
     */
    public static ChatTemplate parse(String name, String source) {
        var text = Source.of(name, source);
        return new ChatTemplate(text, Parser.parse(text));
    }

    /**
     * Renders the template.
     *
     * @param variables what the template can name; values are {@link String}, {@link Boolean}, {@link Integer},
     *     {@link Long}, {@link java.math.BigInteger}, {@link Float}, {@link Double}, {@code null}, {@link Iterable}s
     *     and {@link Map}s with string keys (in iteration order) of such values. They are copied first.
     * @throws IllegalArgumentException if a variable is anything else; the message has its path
     * @throws TemplateException if the template raises an error itself ({@link TemplateException#raised()}), does
     *     something that Jinja2 does not allow, or exceeds its budget
     */
    public String render(Map<String, ?> variables) {
        return render(variables, InstantSource.system(), ZoneId.systemDefault());
    }

    /** @param clock what {@code strftime_now} reads, shown in the time zone {@code zone} */
    String render(Map<String, ?> variables, InstantSource clock, ZoneId zone) {
        var given = Variables.of(variables);
        var budget = new Budget(given.weight());
        var outermost = Scope.of(Functions.global(budget, clock, zone));
        given.values().forEach(outermost::set);
        return new Renderer(source, budget).render(body, outermost.inner(body.frame()));
    }
}
