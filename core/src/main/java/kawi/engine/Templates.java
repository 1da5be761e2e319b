package kawi.engine;

import java.util.Optional;
import kawi.ModelFileException;
import kawi.checkpoint.ChatTemplates;
import kawi.checkpoint.Checkpoint;
import kawi.template.ChatTemplate;
import kawi.template.TemplateException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The chat templates of a model, for conversations without and with tools, which are usually the same. Each is parsed
 * when it is first used, by the thread that uses it. Safe for use by multiple threads.
 */
final class Templates {

    private static final Logger LOG = LoggerFactory.getLogger(LoadedModel.class);

    private final String name;
    private final Source plain;
    private final Source forTools;

    /** A template that has not been parsed yet, or the result. */
    private static final class Source {

        private final String name;
        private final Optional<String> text;
        private final @Nullable RuntimeException unreadable;
        private @Nullable ChatTemplate parsed;
        private @Nullable TemplateException invalid;

        Source(String name, Optional<String> text, @Nullable RuntimeException unreadable) {
            this.name = name;
            this.text = text;
            this.unreadable = unreadable;
        }

        synchronized Optional<ChatTemplate> parse() {
            if (unreadable != null) {
                throw unreadable;
            }
            if (invalid != null) {
                throw invalid;
            }
            if (text.isEmpty()) {
                return Optional.empty();
            }
            ChatTemplate result = parsed;
            if (result == null) {
                try {
                    result = ChatTemplate.parse(name, text.get());
                } catch (TemplateException e) {
                    invalid = e;
                    throw e;
                }
                parsed = result;
            }
            return Optional.of(result);
        }
    }

    /** @param chosen the name or the source of the template to use; by default those of the checkpoint */
    Templates(Checkpoint checkpoint, @Nullable String chosen) {
        this.name = checkpoint.name();
        Optional<String> source = Optional.empty();
        Optional<String> sourceForTools = Optional.empty();
        RuntimeException unreadable = null;
        try {
            ChatTemplates templates = checkpoint.chatTemplates();
            if (chosen == null) {
                source = templates.source();
                sourceForTools = templates.sourceForTools();
            } else {
                source = Optional.of(templates.byName().getOrDefault(chosen, chosen));
                sourceForTools = source;
            }
        } catch (RuntimeException e) { // thrown when a template is used
            unreadable = e;
        }
        plain = new Source(name, source, unreadable);
        forTools = sourceForTools.equals(source) ? plain : new Source(name, sourceForTools, unreadable);
    }

    /** The source of the template that renders tools; empty if there is none, or if it cannot be read. */
    Optional<String> source() {
        return forTools.text;
    }

    /**
     * The template for conversations without tools.
     *
     * @throws TemplateException if it cannot be parsed
     */
    Optional<ChatTemplate> plain() {
        return plain.parse();
    }

    /**
     * The template for conversations with tools.
     *
     * @throws TemplateException if it cannot be parsed
     */
    Optional<ChatTemplate> forTools() {
        return forTools.parse();
    }

    /** Logs a warning if the template for conversations without tools cannot be used. */
    void check() {
        try {
            plain();
        } catch (TemplateException | ModelFileException e) {
            LOG.warn("{}; only raw prompts and token ids can be given to this model", e.getMessage());
        }
    }
}
