package kawi.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.stream.Stream;
import kawi.Cancellation;
import kawi.ClosedException;
import kawi.ContextLengthException;
import kawi.ContextPolicy;
import kawi.Message;
import kawi.Part;
import kawi.Prompt;
import kawi.Reply;
import kawi.ReplyEvent;
import kawi.ReplyListener;
import kawi.TokenLogprob;
import kawi.ToolChoice;
import kawi.ToolSpecification;
import kawi.TypeOf;
import kawi.TypedReply;
import kawi.schema.AnswerType;
import org.jspecify.annotations.Nullable;

/** A prompt of a loaded model: the input, and the settings of the answer. */
final class SinglePrompt extends SettingsOptions<Prompt> implements Prompt {

    private final LoadedModel model;
    private final Input input;
    private final @Nullable String system;
    private final List<JavaTool> tools;
    private final ToolUse toolUse;

    /** The input of the model. */
    private sealed interface Input {

        /**
         * A text, which becomes a user message if the model has a chat template.
         *
         * @param media the images and films before it
         */
        record Text(String text, List<Part> media) implements Input {}

        /** A text to continue. */
        record Raw(String text) implements Input {}

        /** @param media the images and films that tokens stand for */
        record Ids(int[] ids, List<Part> media) implements Input {}

        /** @param continued whether the last message is the beginning of the answer */
        record Messages(List<Message> messages, boolean continued) implements Input {}
    }

    SinglePrompt(LoadedModel model, String message) {
        this(model, new Input.Text(Objects.requireNonNull(message, "message"), List.of()));
    }

    SinglePrompt(LoadedModel model, int[] ids) {
        this(model, new Input.Ids(ids.clone(), List.of()));
    }

    SinglePrompt(LoadedModel model, List<Message> messages) {
        this(model, new Input.Messages(Conversation.checked(model, messages), false));
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("there are no messages; a prompt must have at least one");
        }
        model.chatFormat();
    }

    private SinglePrompt(LoadedModel model, Input input) {
        this(model, input, null, List.of(), ToolUse.DEFAULT, Settings.DEFAULT);
    }

    private SinglePrompt(
            LoadedModel model,
            Input input,
            @Nullable String system,
            List<JavaTool> tools,
            ToolUse toolUse,
            Settings settings) {
        super(settings);
        this.model = model;
        this.input = input;
        this.system = system;
        this.tools = tools;
        this.toolUse = toolUse;
    }

    @Override
    LoadedModel model() {
        return model;
    }

    @Override
    SinglePrompt with(Settings settings) {
        return new SinglePrompt(model, input, system, tools, toolUse, settings);
    }

    @Override
    public Prompt system(String system) {
        return new SinglePrompt(model, input, Objects.requireNonNull(system, "system"), tools, toolUse, settings);
    }

    @Override
    public Prompt raw() {
        Input raw = switch (input) {
            case Input.Text(String text, List<Part> media) -> {
                rejectMedia(!media.isEmpty());
                yield new Input.Raw(text);
            }
            case Input.Messages messages ->
                throw new IllegalStateException(
                        "messages need the chat template; for a raw prompt give the model a text or token ids");
            case Input.Raw same -> same;
            case Input.Ids same -> same;
        };
        return new SinglePrompt(model, raw, system, tools, toolUse, settings);
    }

    private static void rejectMedia(boolean given) {
        if (given) {
            throw new IllegalStateException(
                    "a raw prompt has no place for an image; omit raw(), or give token ids in which <|image_pad|> stands for it");
        }
    }

    @Override
    public Prompt image(Part.Image image) {
        return with(Objects.requireNonNull(image, "image"));
    }

    @Override
    public Prompt video(Part.Video video) {
        return with(Objects.requireNonNull(video, "video"));
    }

    private Prompt with(Part part) {
        model.vision().require("the prompt has an image");
        Input more = switch (input) {
            case Input.Text(String text, List<Part> media) -> new Input.Text(text, plus(media, part));
            case Input.Ids(int[] ids, List<Part> media) -> new Input.Ids(ids, plus(media, part));
            case Input.Messages messages ->
                throw new IllegalStateException(
                        "the images of a prompt of messages are parts of the messages, see Message.user(Part...)");
            case Input.Raw raw -> {
                rejectMedia(true);
                yield raw;
            }
        };
        return new SinglePrompt(model, more, system, tools, toolUse, settings);
    }

    private static List<Part> plus(List<Part> media, Part part) {
        return Stream.concat(media.stream(), Stream.of(part)).toList();
    }

    @Override
    public Prompt continueFinalMessage() {
        if (!(input instanceof Input.Messages(List<Message> messages, boolean _))) {
            throw new IllegalStateException("only a prompt of messages can continue one; use Model.prompt(messages)");
        }
        Message last = messages.getLast();
        if (last.role() != Message.Role.ASSISTANT) {
            throw new IllegalArgumentException(
                    "the last message has the role %s; only a message of the assistant can be continued"
                            .formatted(last.role()));
        }
        if (!last.toolCalls().isEmpty()) {
            throw new IllegalArgumentException(
                    "the last message has tool calls, which cannot be continued; add a message with the result of each");
        }
        return new SinglePrompt(model, new Input.Messages(messages, true), system, tools, toolUse, settings);
    }

    @Override
    public Prompt tools(List<ToolSpecification> tools) {
        List<JavaTool> all = new ArrayList<>(this.tools);
        for (ToolSpecification tool : tools) {
            JavaTool known = JavaTool.of(Objects.requireNonNull(tool, "tool"));
            known.checkParameters(model.callSyntax());
            all.add(known);
        }
        JavaTool.byName(all);
        return new SinglePrompt(model, input, system, List.copyOf(all), toolUse, settings);
    }

    @Override
    public Prompt toolChoice(ToolChoice choice) {
        return with(new ToolUse(Objects.requireNonNull(choice, "choice"), toolUse.parallel()));
    }

    @Override
    public Prompt parallelToolCalls(boolean allowed) {
        return with(new ToolUse(toolUse.choice(), allowed));
    }

    private SinglePrompt with(ToolUse toolUse) {
        return new SinglePrompt(model, input, system, tools, toolUse, settings);
    }

    @Override
    public Prompt scorePrompt(int top) {
        logprobs(top);
        return with(settings.with(draft -> draft.promptLogprobs = top));
    }

    @Override
    public Reply generate() {
        return generate(piece -> {});
    }

    @Override
    public Reply generate(ReplyListener listener) {
        Objects.requireNonNull(listener, "listener");
        model.lifetime().checkOpen();
        try (CachedSequence sequence = newSequence()) {
            return answer(promptTokens(), sequence, listener);
        }
    }

    @Override
    public List<Reply> generateAll(int count) {
        if (count < 1) {
            throw new IllegalArgumentException(
                    "%d answers were asked for; it must be a positive number".formatted(count));
        }
        return generateAll(Collections.nCopies(count, piece -> {}));
    }

    @Override
    public List<Reply> generateAll(List<? extends ReplyListener> listeners) {
        List<ReplyListener> each = List.copyOf(listeners);
        if (each.isEmpty()) {
            throw new IllegalArgumentException("there are no listeners; there must be one for each answer");
        }
        model.lifetime().checkOpen();
        PromptTokens prompt = promptTokens().keptBeforeLast();
        try (SnapshotStore states = model.newSnapshots(Long.MAX_VALUE)) {
            return new JointAnswers(
                            model,
                            (index, sequence, cancellation) -> with(settings.seedPlus(index)
                                            .cancelledBy(cancellation)
                                            .with(draft -> {
                                                draft.continued = index > 0;
                                                draft.promptLogprobs = index > 0 ? null : draft.promptLogprobs;
                                            }))
                                    .scored(prompt, sequence, each.get(index)),
                            (index, generator) -> completed(generator, each.get(index)),
                            states,
                            model.admission().answerLength(prompt, settings),
                            each.size())
                    .generate();
        }
    }

    @Override
    public CompletableFuture<Reply> generateAsync() {
        return AsyncReply.start(cancellation -> cancelledBy(cancellation).generate());
    }

    @Override
    public Flow.Publisher<ReplyEvent> publisher() {
        return new ReplyPublisher(
                (listener, cancellation) -> cancelledBy(cancellation).generate(listener), model.lifetime()::checkOpen);
    }

    private SinglePrompt cancelledBy(Cancellation cancellation) {
        return with(settings.cancelledBy(cancellation));
    }

    @Override
    public <T> T as(Class<T> type) {
        return replyAs(type).value();
    }

    @Override
    public <T> T as(TypeOf<T> type) {
        return replyAs(type).value();
    }

    @Override
    public <T> TypedReply<T> replyAs(Class<T> type) {
        return replyAs(AnswerType.of(type));
    }

    @Override
    public <T> TypedReply<T> replyAs(TypeOf<T> type) {
        return replyAs(AnswerType.of(type));
    }

    private <T> TypedReply<T> replyAs(AnswerType<T> type) {
        rejectTools("a value");
        model.lifetime().checkOpen();
        SinglePrompt formed = with(withJsonSchema(type.schemaText()));
        try (CachedSequence sequence = newSequence()) {
            Generator generator = formed.generator(formed.promptTokens(), sequence, piece -> {});
            while (generator.step()) {}
            return new TypedReply<>(generator.read(type), generator.reply());
        }
    }

    @Override
    public Stream<String> stream() {
        rejectTools("a stream of text");
        CachedSequence sequence = newSequence();
        StringBuilder pending = new StringBuilder();
        Generator generator = generator(promptTokens(), sequence, pending::append);
        return TextStream.of(
                model,
                new TextStream.Source() {
                    private boolean started;

                    @Override
                    public boolean step() {
                        if (!started) {
                            model.lifetime().checkOpen();
                            started = true;
                        }
                        return generator.step();
                    }

                    @Override
                    public void close() {
                        sequence.close();
                    }
                },
                pending);
    }

    private void rejectTools(String result) {
        if (!tools.isEmpty()) {
            throw new IllegalStateException(
                    "%s cannot contain tool calls; use generate() or publisher(), or omit the tools".formatted(result));
        }
    }

    /**
     * Returns a new sequence. The prompt after a list of messages is likely to begin with them, so their state is
     * cached like that of a shared prefix.
     */
    private CachedSequence newSequence() {
        return new CachedSequence(model, input instanceof Input.Messages ? model.snapshots() : null);
    }

    private Reply answer(PromptTokens prompt, CachedSequence sequence, ReplyListener listener) {
        Generator generator = scored(prompt, sequence, listener);
        while (generator.step()) {}
        return completed(generator, listener);
    }

    private Reply completed(Generator generator, ReplyListener listener) {
        int known = input instanceof Input.Messages messages ? ToolOffer.lastNumber(messages.messages()) : 0;
        return offer().returned(generator, known, listener);
    }

    private Generator generator(PromptTokens prompt, CachedSequence sequence, ReplyListener listener) {
        ToolOffer offer = offer();
        return new Generator(
                model, offer.restrict(settings), prompt, templated(), offer.onlyRound(settings), sequence, listener);
    }

    /** Returns a generator after processing the prompt, except for its last token, if it is to be scored. */
    private Generator scored(PromptTokens prompt, CachedSequence sequence, ReplyListener listener) {
        Generator generator = generator(prompt, sequence, listener);
        Integer top = settings.promptLogprobs();
        if (top == null) {
            return generator;
        }
        List<TokenLogprob> scores;
        try {
            sequence.enter(model.admission().answerLength(prompt, settings), settings);
            scores = sequence.score(prompt, top, settings::cancelled);
        } catch (CancellationException | ClosedException e) {
            return generator; // which ends the answer for the same reason
        }
        listener.onPrompt(scores);
        return generator;
    }

    private ToolOffer offer() {
        return new ToolOffer(model, tools, toolUse);
    }

    @Override
    public List<TokenLogprob> promptLogprobs(int top) {
        logprobs(top);
        model.lifetime().checkOpen();
        PromptTokens prompt = promptTokens();
        int length = prompt.length();
        if (length > model.admission().answerLength()) {
            throw new ContextLengthException(
                    length, prompt.text().imageTokens(), model.admission().answerLength());
        }
        try (CachedSequence sequence = new CachedSequence(model, null)) {
            sequence.enter(length, settings);
            return sequence.score(prompt, top, settings::cancelled);
        }
    }

    @Override
    public int[] tokens() {
        return promptTokens().ids().clone();
    }

    private boolean templated() {
        return switch (input) {
            case Input.Text text -> model.template().isPresent();
            case Input.Messages messages -> true;
            case Input.Raw text -> false;
            case Input.Ids ids -> false;
        };
    }

    private PromptTokens promptTokens() {
        if (templated()) {
            ChatFormat format = model.chatFormat();
            boolean continued = input instanceof Input.Messages given && given.continued();
            return FittingMessages.of(
                            messages(),
                            some -> continued
                                    ? format.continuing(some, tools, settings)
                                    : format.prompt(some, tools, settings),
                            settings,
                            model.admission().answerLength())
                    .prompt();
        }
        reject(system != null, "a system message");
        reject(settings.thinking() != null, "thinking(%s)".formatted(settings.thinking()));
        reject(settings.thinkingBudget() != null, "a thinkingBudget");
        reject(!settings.templateVariables().isEmpty(), "a templateVariable");
        reject(!tools.isEmpty(), "tools");
        reject(settings.contextPolicy() != ContextPolicy.ERROR, "a contextPolicy");
        return switch (input) {
            case Input.Ids(int[] ids, List<Part> media) ->
                model.vision().prepareForIds(media, settings).append(PromptTokens.of(new int[0]), ids, 0);
            case Input.Raw raw -> PromptTokens.of(model.requireTokenizer().encode(raw.text()));
            case Input.Text text -> {
                reject(!text.media().isEmpty(), "images");
                model.text().continued();
                yield PromptTokens.of(model.requireTokenizer().encode(text.text()));
            }
            case Input.Messages messages -> throw new AssertionError("messages go through the template");
        };
    }

    private void reject(boolean given, String what) {
        if (given) {
            throw new IllegalStateException(
                    input instanceof Input.Text
                            ? "%s has no chat template, so it does not support %s; see ModelLoader.chatTemplate"
                                    .formatted(model.name(), what)
                            : "a raw prompt does not support %s; omit it, or use the chat template".formatted(what));
        }
    }

    private List<Message> messages() {
        List<Message> given = switch (input) {
            case Input.Messages messages -> messages.messages();
            case Input.Text(String text, List<Part> media) ->
                List.of(Message.user(plus(media, Part.text(text)).toArray(Part[]::new)));
            case Input.Raw raw -> List.of();
            case Input.Ids ids -> List.of();
        };
        return system == null
                ? given
                : Stream.concat(Stream.of(Message.system(system)), given.stream())
                        .toList();
    }
}
