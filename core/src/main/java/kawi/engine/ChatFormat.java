package kawi.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import kawi.Message;
import kawi.ModelFileException;
import kawi.dialect.Dialect;
import kawi.template.ChatTemplate;
import kawi.template.TemplateException;
import kawi.tokenizer.OriginText;
import kawi.tokenizer.Tokenizer;
import org.jspecify.annotations.Nullable;

/**
 * Conversations as a model's chat template writes them.
 *
 * <p>A template may render earlier messages differently later: Qwen3.5's drops the thoughts of earlier turns once the
 * next question is added. A prompt is therefore always rendered as a whole and compared token by token with what the
 * model has processed ({@link CachedSequence}). Boundaries, at which the next comparison is expected to end, are at the
 * beginnings of messages. Within one answer, between a tool call and its result, the model continues from the tokens
 * that it generated: {@link #afterTools}.
 *
 * <p>The template sees the texts as they are, and the prompt knows the origin of each of its characters
 * ({@link OriginText}). Texts, thoughts, the names, keys and values of calls, and the definitions of tools are from
 * outside, and so are the variables of the caller: none of them can become a control token, wherever a template inserts
 * them. Roles and special tokens are the template's own.
 *
 * <p>The variables of a template are those of the Hugging Face libraries' {@code apply_chat_template}:
 * {@code messages}, {@code tools} and {@code documents}, which are none if there are none,
 * {@code add_generation_prompt}, the special tokens of the model such as {@code bos_token}, and those of the caller.
 */
final class ChatFormat {

    private final LoadedModel model;
    private final ChatTemplate template;
    private final Map<String, @Nullable Object> specialTokens;
    private final MessageVariables variables;
    private final Tokenizer tokenizer;
    private final Dialect dialect;

    /** Whether the template is known to render tools. */
    private volatile boolean hasToolPlace;

    /** The values of {@code thinking} that the template is known to support. */
    private final Set<Boolean> thinkingSeen = ConcurrentHashMap.newKeySet();

    ChatFormat(LoadedModel model) {
        this.model = model;
        this.tokenizer = model.requireTokenizer();
        this.dialect = model.dialect();
        this.template = required(model, model.template());
        this.specialTokens = model.text().specialTokens();
        this.variables = new MessageVariables(dialect);
    }

    /**
     * The template for conversations with tools, which is parsed separately, so that only these fail if it is invalid.
     */
    private ChatTemplate templateForTools() {
        return required(model, model.templateForTools());
    }

    private static ChatTemplate required(LoadedModel model, Optional<ChatTemplate> template) {
        return template.orElseThrow(() -> new IllegalStateException(
                "%s has no chat template; give it a raw prompt instead".formatted(model.name())));
    }

    /** The prompt for an answer to {@code messages}. */
    PromptTokens prompt(List<Message> messages, List<JavaTool> tools, Settings settings) {
        return prompt(messages, null, tools, settings);
    }

    /**
     * The prompt for an answer that continues the last message, which is the assistant's: its text or, if it has none,
     * its thought.
     */
    PromptTokens continuing(List<Message> messages, List<JavaTool> tools, Settings settings) {
        Message begun = messages.getLast();
        List<Message> before = messages.subList(0, messages.size() - 1);
        if (before.isEmpty()) {
            throw new IllegalArgumentException(
                    "the message to be continued is the only one; there must be one before it");
        }
        if (begun.thinking().isEmpty()) {
            return prompt(before, begun, tools, settings);
        }
        if (dialect.thoughts().isEmpty()) {
            throw new IllegalArgumentException(
                    "the message to be continued has a thought, but the thoughts of %s have no known form; omit it"
                            .formatted(model.name()));
        }
        if (Boolean.FALSE.equals(settings.thinking())) {
            throw new IllegalStateException(
                    "the message to be continued has a thought; omit either the thought or thinking(false)");
        }
        return prompt(before, begun, tools, settings.with(draft -> draft.thinking = true));
    }

    /** @param begun the message to be continued, or null */
    private PromptTokens prompt(
            List<Message> messages, @Nullable Message begun, List<JavaTool> tools, Settings settings) {
        checkVariables(settings);
        PromptMedia media = model.vision().prepare(messages, settings);
        OriginText rendered = render(messages, tools, settings, true);
        if (!tools.isEmpty() && !hasToolPlace && isWithoutTools(rendered, messages, settings)) {
            throw new IllegalStateException(
                    "the chat template of %s does not support tools; load the model with one that does, see ModelLoader.chatTemplate"
                            .formatted(model.name()));
        }
        hasToolPlace = hasToolPlace || !tools.isEmpty();
        OriginText timed = media.withTimes(rendered);
        int[] ids = tokenizer.encode(timed);
        boolean thought = opensThought(rendered, ids);
        Boolean thinking = settings.thinking();
        boolean thoughtBegun = begun != null && !begun.thinking().isEmpty();
        if (thinking != null && !thoughtBegun && !thinkingSeen.contains(thinking)) {
            Settings opposite = settings.with(draft -> draft.thinking = !thinking);
            checkThinking(thinking, thought, rendered, render(messages, tools, opposite, true));
        }
        String start = "";
        if (begun != null) {
            ids = tokenizer.encode(timed.concat(beginning(begun, thought)));
            start = begun.text().isEmpty() ? begun.thinking() : begun.text();
            thought = begun.text().isEmpty() && (thought || !start.isEmpty());
        }
        boolean system = !tools.isEmpty() || messages.getFirst().role() == Message.Role.SYSTEM;
        PromptTokens prompt = media.append(PromptTokens.of(new int[0]), ids, 0);
        List<Integer> begins = new ArrayList<>();
        for (int i = 1; i < prompt.length(); i++) {
            if (model.messageStarts().get(prompt.ids()[i])) {
                begins.add(i);
            }
        }
        return new PromptTokens(
                prompt.text(),
                prompt.images(),
                begins.stream()
                        .skip(Math.max(0, begins.size() - 2))
                        .mapToInt(Integer::intValue)
                        .toArray(),
                system && !begins.isEmpty() ? begins.getFirst() : 0,
                thought,
                closing(),
                start,
                DroppedTurns.NONE);
    }

    /**
     * The thought and the text of a message to be continued, as the template writes them.
     *
     * @param opened whether the prompt before it opens a thought
     */
    private OriginText beginning(Message begun, boolean opened) {
        var all = new OriginText.Builder();
        Dialect.ThoughtTags tags = dialect.thoughts().orElse(null);
        boolean thought = opened;
        if (tags != null && !begun.thinking().isEmpty()) {
            all.appendOfTemplate(thought ? "" : tags.begin() + "\n").appendOutside(begun.thinking());
            thought = true;
        }
        if (tags != null && thought && !begun.text().isEmpty()) {
            all.appendOfTemplate(tags.closing());
        }
        return all.appendOutside(begun.text()).build();
    }

    /**
     * Rejects the option if the template does not support it. A template that renders no thought with either value does
     * not support thinking.
     */
    private void checkThinking(boolean thinking, boolean opens, OriginText rendered, OriginText other) {
        if (same(rendered, other) && opens != thinking) {
            throw new IllegalStateException(
                    "the chat template of %s %s; omit thinking(%s), or load the model with another template, see ModelLoader.chatTemplate"
                            .formatted(
                                    model.name(),
                                    thinking ? "does not support thoughts" : "always begins a thought",
                                    thinking));
        }
        thinkingSeen.add(thinking);
    }

    /** Whether a prompt with tools is the same as without; a template that fails without tools uses them. */
    private boolean isWithoutTools(OriginText rendered, List<Message> messages, Settings settings) {
        try {
            return same(rendered, render(messages, List.of(), settings, true));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean same(OriginText one, OriginText other) {
        return one.toString().equals(other.toString());
    }

    /** The tokens with which the next prompt begins whatever its message is; empty if they cannot be determined. */
    PromptTokens beginning(List<Message> messages, List<JavaTool> tools, Settings settings) {
        List<Message> next = new ArrayList<>(messages);
        next.add(Message.user("?"));
        PromptTokens prompt = prompt(next, tools, settings);
        int[] boundaries = prompt.boundaries();
        return prompt.prefix(boundaries.length < 2 ? 0 : boundaries[0]);
    }

    /**
     * The prompt that continues an answer after tools have run.
     *
     * @param sequence the text processed and generated so far, without an end token
     * @param messages the conversation, ending with the assistant's message that has the calls
     * @param results the results of the tools
     * @return the prompt rendered from the beginning, if the template does not continue after an end token of the
     *     assistant's message
     */
    PromptTokens afterTools(
            PromptTokens sequence,
            List<Message> messages,
            List<Message> results,
            List<JavaTool> tools,
            Settings settings) {
        List<Message> all = new ArrayList<>(messages);
        all.addAll(results);
        PromptMedia media = model.vision().prepare(all, settings);
        int[] before = tokenizer.encode(media.withTimes(render(messages, tools, settings, false)));
        OriginText rendered = render(all, tools, settings, true);
        int[] after = tokenizer.encode(media.withTimes(rendered));
        int end = lastVisible(before);
        int differs = Arrays.mismatch(before, after);
        if (end < 0 || !model.endTokens().contains(before[end]) || (differs >= 0 && differs <= end)) {
            return prompt(all, tools, settings);
        }
        PromptTokens next = media.append(sequence, after, end);
        return new PromptTokens(
                next.text(),
                next.images(),
                new int[0],
                0,
                opensThought(rendered, after),
                closing(),
                "",
                DroppedTurns.NONE);
    }

    /**
     * Whether a prompt ends with the tag that begins a thought, and white space. If the tag is a token, the same text
     * in a message is not recognized as the tag.
     */
    private boolean opensThought(OriginText rendered, int[] ids) {
        return dialect.thoughts()
                .filter(tags -> opensThought(tags.begin(), rendered, ids))
                .isPresent();
    }

    private boolean opensThought(String tag, OriginText rendered, int[] ids) {
        OptionalInt token = tokenizer.id(tag);
        if (token.isEmpty()) {
            String visible = rendered.toString().stripTrailing();
            return visible.endsWith(tag)
                    && rendered.substring(visible.length() - tag.length(), visible.length())
                            .isOfTemplate();
        }
        int last = lastVisible(ids);
        return last >= 0 && ids[last] == token.getAsInt();
    }

    /** The index of the last token that is not white space, or -1. */
    private int lastVisible(int[] ids) {
        int last = ids.length - 1;
        while (last >= 0 && tokenizer.text(ids[last]).isBlank()) {
            last--;
        }
        return last;
    }

    private int @Nullable [] closing() {
        return dialect.thoughts()
                .map(tags -> tokenizer.encode(OriginText.ofTemplate(tags.closing())))
                .orElse(null);
    }

    private OriginText render(List<Message> messages, List<JavaTool> tools, Settings settings, boolean answer) {
        Map<String, @Nullable Object> all = new LinkedHashMap<>(specialTokens);
        all.put("documents", null);
        all.putAll(model.text().templateVariables());
        if (settings.thinking() != null) {
            all.putAll(dialect.thinking(settings.thinking()));
        }
        all.putAll(settings.templateVariables());
        boolean plain = tools.isEmpty();
        ChatTemplate used = plain ? template : templateForTools();
        TemplateForms forms = plain ? model.text().forms() : model.text().formsForTools();
        all.put("messages", variables.of(messages, forms));
        all.put("tools", plain ? null : tools.stream().map(JavaTool::definition).toList());
        all.put("add_generation_prompt", answer);
        try {
            return used.render(all);
        } catch (TemplateException e) {
            throw new IllegalArgumentException(
                    e.raised()
                            ? "the chat template of %s, line %d, refuses these messages: %s"
                                    .formatted(model.name(), e.line(), e.problem())
                            : "the messages cannot be written: " + e.getMessage(),
                    e);
        }
    }

    private boolean reads(String variable) {
        try {
            return template.reads(variable) || templateForTools().reads(variable);
        } catch (ModelFileException e) { // thrown again if there are tools
            return false;
        }
    }

    /** Rejects a variable that neither template reads, which is probably misspelled. */
    private void checkVariables(Settings settings) {
        Stream.concat(
                        model.text().templateVariables().keySet().stream(),
                        settings.templateVariables().keySet().stream())
                .filter(name -> !reads(name))
                .findFirst()
                .ifPresent(name -> {
                    throw new IllegalStateException(
                            "the chat template of %s does not use the variable %s; omit it, or load the model with another template, see ModelLoader.chatTemplate"
                                    .formatted(model.name(), name));
                });
    }
}
