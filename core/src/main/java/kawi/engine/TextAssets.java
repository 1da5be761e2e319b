package kawi.engine;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import kawi.checkpoint.ChatTemplates;
import kawi.checkpoint.Checkpoint;
import kawi.checkpoint.SpecialTokens;
import kawi.template.ChatTemplate;
import kawi.tokenizer.OriginText;
import kawi.tokenizer.Tokenizer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tokenizer and the chat templates of a checkpoint, read on a separate thread while the weights are packed for the
 * kernels. Reading takes a tenth of a second, most of which is spent waiting for memory.
 */
final class TextAssets {

    private static final Logger LOG = LoggerFactory.getLogger(LoadedModel.class);

    private final String name;
    private final AtomicBoolean warnedOfContinuation = new AtomicBoolean();
    private final CompletableFuture<Sources> sources = new CompletableFuture<>();
    private final CompletableFuture<Optional<Tokenizer>> tokenizer = new CompletableFuture<>();
    private final CompletableFuture<Optional<ChatTemplate>> template = new CompletableFuture<>();
    private final CompletableFuture<Optional<ChatTemplate>> templateForTools = new CompletableFuture<>();
    private final Map<String, @Nullable Object> templateVariables;
    private final CompletableFuture<Map<String, @Nullable Object>> specialTokens = new CompletableFuture<>();
    private final CompletableFuture<TemplateForms> forms = new CompletableFuture<>();
    private final CompletableFuture<TemplateForms> formsForTools = new CompletableFuture<>();

    /** The sources of the templates for conversations without and with tools, which are usually the same. */
    private record Sources(Optional<String> plain, Optional<String> forTools) {

        static Sources of(ChatTemplates templates, @Nullable String chosen) {
            if (chosen == null) {
                return new Sources(templates.source(), templates.sourceForTools());
            }
            Optional<String> source = Optional.of(templates.byName().getOrDefault(chosen, chosen));
            return new Sources(source, source);
        }
    }

    /**
     * Starts reading. The checkpoint must stay open until {@link #settle} has returned.
     *
     * @param chatTemplate the name or the source of the template to use; by default those of the checkpoint
     * @param templateVariables the variables that templates are given unless an answer has others of the same names
     */
    TextAssets(Checkpoint checkpoint, @Nullable String chatTemplate, Map<String, @Nullable Object> templateVariables) {
        this.name = checkpoint.name();
        this.templateVariables = templateVariables;
        Thread.ofPlatform().name("kawi-text").daemon().start(() -> {
            complete(sources, () -> Sources.of(checkpoint.chatTemplates(), chatTemplate));
            complete(template, () -> parse(checkpoint, result(sources).plain()));
            complete(
                    templateForTools,
                    () -> result(sources).forTools().equals(result(sources).plain())
                            ? result(template)
                            : parse(checkpoint, result(sources).forTools()));
            complete(tokenizer, () -> Optional.ofNullable(checkpoint.tokenizer()));
            complete(
                    specialTokens,
                    () -> variables(checkpoint.specialTokens(tokenizer
                            .exceptionally(thrown -> Optional.empty())
                            .join()
                            .orElse(null))));
            complete(forms, () -> forms(result(template)));
            complete(
                    formsForTools,
                    () -> result(templateForTools).equals(result(template))
                            ? result(forms)
                            : forms(result(templateForTools)));
        });
    }

    private static Optional<ChatTemplate> parse(Checkpoint checkpoint, Optional<String> source) {
        return source.map(text -> ChatTemplate.parse(checkpoint.name(), text));
    }

    private static Map<String, @Nullable Object> variables(SpecialTokens tokens) {
        Map<String, @Nullable Object> variables = new LinkedHashMap<>();
        if (!tokens.additional().isEmpty()) {
            variables.put(
                    "additional_special_tokens",
                    tokens.additional().stream().map(OriginText::ofTemplate).toList());
        }
        tokens.byName().forEach((name, token) -> variables.put(name, OriginText.ofTemplate(token)));
        return Collections.unmodifiableMap(variables);
    }

    private TemplateForms forms(Optional<ChatTemplate> parsed) {
        return parsed.map(known -> TemplateForms.of(known, result(specialTokens)))
                .orElse(TemplateForms.USUAL);
    }

    @FunctionalInterface
    private interface Reading<T> {
        T read();
    }

    private static <T> void complete(CompletableFuture<T> future, Reading<T> reading) {
        try {
            future.complete(reading.read());
        } catch (Throwable thrown) { // reported by the future
            future.completeExceptionally(thrown);
        }
    }

    /** The result of {@link Checkpoint#tokenizer}. */
    Optional<Tokenizer> tokenizer() {
        return result(tokenizer);
    }

    /** The variables of the templates given to the loader. */
    Map<String, @Nullable Object> templateVariables() {
        return templateVariables;
    }

    /** The special tokens as variables of the templates. */
    Map<String, @Nullable Object> specialTokens() {
        return result(specialTokens);
    }

    /** The forms that {@link #template} expects. */
    TemplateForms forms() {
        return result(forms);
    }

    /** The forms that {@link #templateForTools} expects. */
    TemplateForms formsForTools() {
        return result(formsForTools);
    }

    /**
     * The source of the chat template that renders tools; empty if there is none, or if it cannot be read, see
     * {@link #template}.
     */
    Optional<String> templateSource() {
        return sources.handle((found, thrown) -> thrown == null ? found.forTools() : Optional.<String>empty())
                .join();
    }

    /** The chat template. This method fails if the template cannot be parsed. */
    Optional<ChatTemplate> template() {
        return result(template);
    }

    /** The chat template for conversations with tools. This method fails if the template cannot be parsed. */
    Optional<ChatTemplate> templateForTools() {
        return result(templateForTools);
    }

    /** Called when text is continued as it stands because there is no chat template; logs a warning the first time. */
    void continued() {
        if (!warnedOfContinuation.getAndSet(true)) {
            LOG.warn(
                    "{} has no chat template, so a prompt is continued as text rather than answered; "
                            + "ModelLoader.chatTemplate (--chat-template) sets a template, raw() (--raw) states this intent",
                    name);
        }
    }

    /** Waits until reading from the checkpoint has ended. */
    void settle() {
        specialTokens.handle((done, thrown) -> true).join();
    }

    /** Waits for a result, even if the thread is interrupted. */
    private static <T> T result(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case RuntimeException thrown -> throw thrown;
                case Error thrown -> throw thrown;
                case null, default -> throw e;
            }
        }
    }
}
