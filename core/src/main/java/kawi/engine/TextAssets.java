package kawi.engine;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import kawi.checkpoint.Checkpoint;
import kawi.checkpoint.SpecialTokens;
import kawi.template.ChatTemplate;
import kawi.tokenizer.OriginText;
import kawi.tokenizer.Tokenizer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tokenizer and the chat templates of a checkpoint. The tokenizer is read on a separate thread while the weights
 * are packed for the kernels. Reading takes a tenth of a second, most of which is spent waiting for memory.
 */
final class TextAssets {

    private static final Logger LOG = LoggerFactory.getLogger(LoadedModel.class);

    private final String name;
    private final AtomicBoolean warnedOfContinuation = new AtomicBoolean();
    private final Templates templates;
    private final CompletableFuture<Optional<Tokenizer>> tokenizer = new CompletableFuture<>();
    private final Map<String, @Nullable Object> templateVariables;
    private final CompletableFuture<Map<String, @Nullable Object>> specialTokens = new CompletableFuture<>();
    private @Nullable TemplateForms forms;
    private @Nullable TemplateForms formsForTools;

    /**
     * Starts reading. The checkpoint must stay open until {@link #settle} has returned.
     *
     * @param chatTemplate the name or the source of the template to use; by default those of the checkpoint
     * @param templateVariables the variables that templates are given unless an answer has others of the same names
     */
    TextAssets(Checkpoint checkpoint, @Nullable String chatTemplate, Map<String, @Nullable Object> templateVariables) {
        this.name = checkpoint.name();
        this.templateVariables = templateVariables;
        this.templates = new Templates(checkpoint, chatTemplate);
        Thread.ofPlatform().name("kawi-text").daemon().start(() -> read(checkpoint));
    }

    private void read(Checkpoint checkpoint) {
        Tokenizer found = null;
        try {
            found = checkpoint.tokenizer();
            tokenizer.complete(Optional.ofNullable(found));
        } catch (Throwable thrown) { // reported by the future
            tokenizer.completeExceptionally(thrown);
        }
        try {
            specialTokens.complete(variables(checkpoint.specialTokens(found)));
        } catch (Throwable thrown) {
            specialTokens.completeExceptionally(thrown);
        }
        templates.check();
    }

    private static Map<String, @Nullable Object> variables(SpecialTokens tokens) {
        Map<String, @Nullable Object> variables = new LinkedHashMap<>();
        if (!tokens.additional().isEmpty()) {
            variables.put(
                    "additional_special_tokens",
                    tokens.additional().stream().map(OriginText::ofTemplate).toList());
        }
        for (Map.Entry<String, String> token : tokens.byName().entrySet()) {
            variables.put(token.getKey(), OriginText.ofTemplate(token.getValue()));
        }
        return Collections.unmodifiableMap(variables);
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
    synchronized TemplateForms forms() {
        if (forms == null) {
            forms = new TemplateForms(template().orElse(null), specialTokens());
        }
        return forms;
    }

    /** The forms that {@link #templateForTools} expects. */
    synchronized TemplateForms formsForTools() {
        if (formsForTools == null) {
            formsForTools = templateForTools().equals(template())
                    ? forms()
                    : new TemplateForms(templateForTools().orElse(null), specialTokens());
        }
        return formsForTools;
    }

    /** The source of the chat template that renders tools; empty if there is none, or if it cannot be read. */
    Optional<String> templateSource() {
        return templates.source();
    }

    /** The chat template. This method fails if the template cannot be parsed. */
    Optional<ChatTemplate> template() {
        return templates.plain();
    }

    /** The chat template for conversations with tools. This method fails if the template cannot be parsed. */
    Optional<ChatTemplate> templateForTools() {
        return templates.forTools();
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
