package kawi.engine;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import kawi.Message;
import kawi.Prompt;
import kawi.Reply;
import kawi.ReplyListener;
import kawi.TypeOf;
import kawi.schema.AnswerType;
import org.jspecify.annotations.Nullable;

/** A prompt of a loaded model: what it is given, and the settings of the answer. */
final class SinglePrompt extends SettingsOptions<Prompt> implements Prompt {

    private final LoadedModel model;
    private final Text text;

    /** What the model is given; either {@code message} or {@code ids} is there. */
    private record Text(
            @Nullable String message,
            int @Nullable [] ids,
            @Nullable String system,
            boolean raw) {}

    SinglePrompt(LoadedModel model, String message) {
        this(model, new Text(Objects.requireNonNull(message, "message"), null, null, false), Settings.DEFAULT);
    }

    SinglePrompt(LoadedModel model, int[] ids) {
        this(model, new Text(null, ids.clone(), null, true), Settings.DEFAULT);
    }

    private SinglePrompt(LoadedModel model, Text text, Settings settings) {
        super(settings);
        this.model = model;
        this.text = text;
    }

    @Override
    LoadedModel model() {
        return model;
    }

    @Override
    SinglePrompt with(Settings settings) {
        return new SinglePrompt(model, text, settings);
    }

    @Override
    public Prompt system(String system) {
        return new SinglePrompt(
                model, new Text(text.message, text.ids, Objects.requireNonNull(system), text.raw), settings);
    }

    @Override
    public Prompt raw() {
        return new SinglePrompt(model, new Text(text.message, text.ids, text.system, true), settings);
    }

    @Override
    public Reply generate() {
        return generate(piece -> {});
    }

    @Override
    public Reply generate(ReplyListener listener) {
        model.lifetime().checkOpen();
        try (CachedSequence sequence = new CachedSequence(model, null)) {
            Generator generator = generator(sequence, listener);
            while (generator.step()) {}
            return generator.reply();
        }
    }

    @Override
    public <T> T as(Class<T> type) {
        return as(AnswerType.of(type));
    }

    @Override
    public <T> T as(TypeOf<T> type) {
        return as(AnswerType.of(type));
    }

    private <T> T as(AnswerType<T> type) {
        model.lifetime().checkOpen();
        try (CachedSequence sequence = new CachedSequence(model, null)) {
            Generator generator = with(fitting(type.schemaText())).generator(sequence, piece -> {});
            while (generator.step()) {}
            return generator.read(type);
        }
    }

    @Override
    public Stream<String> stream() {
        CachedSequence sequence = new CachedSequence(model, null);
        StringBuilder fresh = new StringBuilder();
        Generator generator = generator(sequence, fresh::append);
        return TextStream.of(
                model,
                new TextStream.Source() {
                    private boolean begun;

                    @Override
                    public boolean step() {
                        if (!begun) {
                            model.lifetime().checkOpen();
                            begun = true;
                        }
                        return generator.step();
                    }

                    @Override
                    public void close() {
                        sequence.close();
                    }
                },
                fresh);
    }

    private Generator generator(CachedSequence sequence, ReplyListener listener) {
        return new Generator(model, settings, promptTokens(), templated(), Generator.Calls.NONE, sequence, listener);
    }

    @Override
    public int[] tokens() {
        return promptTokens().ids().clone();
    }

    private boolean templated() {
        return !text.raw && model.template().isPresent();
    }

    private PromptTokens promptTokens() {
        if (!templated() && text.system != null) {
            throw new IllegalStateException(
                    text.raw
                            ? "a raw prompt has no place for a system message"
                            : "%s has no chat template, so it has no place for a system message"
                                    .formatted(model.name()));
        }
        if (text.ids != null) {
            return PromptTokens.of(text.ids);
        }
        String message = Objects.requireNonNull(text.message);
        if (!templated()) {
            return PromptTokens.of(model.requireTokenizer().encode(message));
        }
        List<Message> messages = text.system == null
                ? List.of(Message.user(message))
                : List.of(Message.system(text.system), Message.user(message));
        return new ChatFormat(model).prompt(messages, List.of(), settings.thinking());
    }
}
