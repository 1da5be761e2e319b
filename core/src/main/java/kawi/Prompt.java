package kawi;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import kawi.schema.AnswerType;
import org.jspecify.annotations.Nullable;

/**
 * A question to a {@link Model} and how to answer it. Immutable: every option gives a new prompt, which may be run any number of times
 * and from several threads.
 *
 * {@snippet :
 *    Reply answer = model.prompt("Name three rivers of Java.").temperature(0.3).maxTokens(100).generate();
 * }
 */
public final class Prompt extends AnswerOptions<Prompt> {

    /** Sampling where neither loader nor model file nor the makers of the model say anything: temperature 0.7, top-k 20, top-p 0.8. */
    public static final Sampling DEFAULT_SAMPLING =
            Sampling.defaults().temperature(0.7).topK(20).topP(0.8);

    /** Tokens generated at most unless {@link #maxTokens} says otherwise. */
    public static final int DEFAULT_MAX_TOKENS = 4096;

    private final Model model;
    private final Text text;

    /** What the model is given; either {@code message} or {@code ids} is there. */
    private record Text(
            @Nullable String message,
            int @Nullable [] ids,
            @Nullable String system,
            boolean raw) {}

    Prompt(Model model, String message) {
        this(model, new Text(Objects.requireNonNull(message, "message"), null, null, false), Settings.DEFAULT);
    }

    Prompt(Model model, int[] ids) {
        this(model, new Text(null, ids.clone(), null, true), Settings.DEFAULT);
    }

    private Prompt(Model model, Text text, Settings settings) {
        super(settings);
        this.model = model;
        this.text = text;
    }

    @Override
    Model model() {
        return model;
    }

    @Override
    Prompt with(Settings settings) {
        return new Prompt(model, text, settings);
    }

    /** Puts a system message before the user's. It needs a chat template. */
    public Prompt system(String system) {
        return new Prompt(model, new Text(text.message, text.ids, Objects.requireNonNull(system), text.raw), settings);
    }

    /** Continues the text as it is, without the chat template. */
    public Prompt raw() {
        return new Prompt(model, new Text(text.message, text.ids, text.system, true), settings);
    }

    /** Answers and returns when the answer is complete. Interrupting the thread ends it within one token. */
    public Reply generate() {
        return generate(piece -> {});
    }

    /** Answers, handing over what comes; pieces are whole characters and together are {@link Reply#text}. */
    public Reply generate(ReplyListener listener) {
        try (CachedSequence sequence = new CachedSequence(model, null)) {
            Generator generator = generator(sequence, listener);
            while (generator.step()) {}
            return generator.reply();
        }
    }

    /**
     * Answers with a value: {@link #jsonSchema} with the schema of a Java type, and the answer read as one. Records, enums, sealed types of
     * records, lists, sets, maps, optionals, strings, numbers, dates and anything made of them will do; see {@link TypeOf} for generic types.
     *
     * {@snippet :
     *    record Recipe(String title, List<String> steps) {}
     *    Recipe tea = model.prompt("A recipe for tea.").as(Recipe.class);
     * }
     *
     * @throws IllegalArgumentException if no answer can be read as such a type
     * @throws AnswerException if the answer was cancelled, or cut by a stop string, or a record's constructor refuses it
     */
    public <T> T as(Class<T> type) {
        return as(AnswerType.of(type));
    }

    /** As {@link #as(Class)}, for a generic type: {@code as(new TypeOf<List<Recipe>>() {})}. */
    public <T> T as(TypeOf<T> type) {
        return as(AnswerType.of(type));
    }

    private <T> T as(AnswerType<T> type) {
        try (CachedSequence sequence = new CachedSequence(model, null)) {
            Generator generator = jsonSchema(type.schemaText()).generator(sequence, piece -> {});
            while (generator.step()) {}
            return generator.read(type);
        }
    }

    /**
     * Answers lazily: text is generated on the thread that consumes the stream, as it consumes it. Memory is freed when the stream has been consumed;
     * close it if you may stop earlier.
     */
    public Stream<String> stream() {
        CachedSequence sequence = new CachedSequence(model, null);
        try {
            StringBuilder fresh = new StringBuilder();
            Generator generator = generator(sequence, fresh::append);
            return TextStream.of(generator::step, fresh).onClose(sequence::close);
        } catch (RuntimeException | Error e) {
            sequence.close();
            throw e;
        }
    }

    private Generator generator(CachedSequence sequence, ReplyListener listener) {
        return new Generator(model, settings, promptTokens(), templated(), Generator.Calls.NONE, sequence, listener);
    }

    /** The token ids that the model is given. */
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
