package kawi;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import kawi.template.ChatTemplate;
import kawi.tokenizer.Tokenizer;
import org.jspecify.annotations.Nullable;

/**
 * A question to a {@link Model} and how to answer it. Immutable: every option gives a new prompt, which may be run any number of times
 * and from several threads.
 *
 * {@snippet :
 *    Generation answer = model.prompt("Name three rivers of Java.").temperature(0.3).maxTokens(100).generate();
 * }
 */
public final class Prompt {

    /** Sampling where neither loader nor model file says anything: temperature 0.7, top-k 20, top-p 0.8. */
    public static final Sampling DEFAULT_SAMPLING =
            Sampling.defaults().temperature(0.7).topK(20).topP(0.8);

    /** Tokens generated at most unless {@link #maxTokens} says otherwise. */
    public static final int DEFAULT_MAX_TOKENS = 4096;

    private final Model model;
    private final Options options;

    /** Everything a prompt consists of; either {@code message} or {@code ids} is there. */
    private record Options(
            @Nullable String message,
            int @Nullable [] ids,
            @Nullable String system,
            boolean raw,
            @Nullable Boolean thinking,
            Sampling sampling,
            int maxTokens,
            List<String> stopStrings,
            Set<Integer> stopTokens,
            boolean ignoreEnd,
            List<LogitsProcessor> processors,
            @Nullable Cancellation cancellation) {}

    Prompt(Model model, String message) {
        this(model, Objects.requireNonNull(message, "message"), null);
    }

    Prompt(Model model, int[] ids) {
        this(model, null, ids.clone());
    }

    private Prompt(Model model, @Nullable String message, int @Nullable [] ids) {
        this(
                model,
                new Options(
                        message,
                        ids,
                        null,
                        false,
                        null,
                        model.sampling(),
                        DEFAULT_MAX_TOKENS,
                        List.of(),
                        Set.of(),
                        false,
                        List.of(),
                        null));
    }

    private Prompt(Model model, Options options) {
        this.model = model;
        this.options = options;
    }

    /** Puts a system message before the user's. It needs a chat template. */
    public Prompt system(String text) {
        return with(draft -> draft.system = text);
    }

    /** Continues the text as it is, without the chat template. */
    public Prompt raw() {
        return with(draft -> draft.raw = true);
    }

    /** Asks the template for an answer with or without thinking; the template's own default otherwise. */
    public Prompt thinking(boolean on) {
        return with(draft -> draft.thinking = on);
    }

    /** Replaces all sampling options. */
    public Prompt sampling(Sampling sampling) {
        return with(draft -> draft.sampling = sampling);
    }

    /** Takes the recommended sampling options of Qwen3.5 for this model's size. */
    public Prompt preset(SamplingPreset preset) {
        return sampling(preset.forQwen35(model.parameters()));
    }

    /** See {@link Sampling#temperature}. */
    public Prompt temperature(double value) {
        return sampling(options.sampling.temperature(value));
    }

    /** See {@link Sampling#topK}. */
    public Prompt topK(int value) {
        return sampling(options.sampling.topK(value));
    }

    /** See {@link Sampling#topP}. */
    public Prompt topP(double value) {
        return sampling(options.sampling.topP(value));
    }

    /** See {@link Sampling#minP}. */
    public Prompt minP(double value) {
        return sampling(options.sampling.minP(value));
    }

    /** See {@link Sampling#typicalP}. */
    public Prompt typicalP(double value) {
        return sampling(options.sampling.typicalP(value));
    }

    /** See {@link Sampling#repetitionPenalty}. */
    public Prompt repetitionPenalty(double value) {
        return sampling(options.sampling.repetitionPenalty(value));
    }

    /** See {@link Sampling#presencePenalty}. */
    public Prompt presencePenalty(double value) {
        return sampling(options.sampling.presencePenalty(value));
    }

    /** See {@link Sampling#frequencyPenalty}. */
    public Prompt frequencyPenalty(double value) {
        return sampling(options.sampling.frequencyPenalty(value));
    }

    /** See {@link Sampling#penaltyWindow}. */
    public Prompt penaltyWindow(int tokens) {
        return sampling(options.sampling.penaltyWindow(tokens));
    }

    /** See {@link Sampling#logitBias}. */
    public Prompt logitBias(int token, float bias) {
        return sampling(options.sampling.logitBias(token, bias));
    }

    /** See {@link Sampling#seed}. */
    public Prompt seed(long seed) {
        return sampling(options.sampling.seed(seed));
    }

    /** Generates at most this many tokens. */
    public Prompt maxTokens(int tokens) {
        if (tokens < 0) {
            throw new IllegalArgumentException("maxTokens is %d; it must not be negative".formatted(tokens));
        }
        return with(draft -> draft.maxTokens = tokens);
    }

    /** Ends the answer before any of these strings, in addition to those already given. */
    public Prompt stop(String... strings) {
        for (String string : strings) {
            if (string.isEmpty()) {
                throw new IllegalArgumentException("a stop string is empty; it must have at least one character");
            }
        }
        return with(draft -> draft.stopStrings.addAll(List.of(strings)));
    }

    /** Ends the answer at any of these tokens, in addition to the model's own end tokens. */
    public Prompt stopTokens(int... ids) {
        return with(draft -> {
            for (int id : ids) {
                draft.stopTokens.add(id);
            }
        });
    }

    /** Goes on past the model's end tokens; they appear in {@link Generation#tokens}, not in the text. */
    public Prompt ignoreEnd() {
        return with(draft -> draft.ignoreEnd = true);
    }

    /** Adds a hook that edits logits before sampling; several run in the order given. */
    public Prompt logitsProcessor(LogitsProcessor processor) {
        return with(draft -> draft.processors.add(processor));
    }

    /** Lets {@code handle} stop the answer from another thread. */
    public Prompt cancelWith(Cancellation handle) {
        return with(draft -> draft.cancellation = handle);
    }

    /** Answers and returns when the answer is complete. Interrupting the thread ends it within one token. */
    public Generation generate() {
        return generate(piece -> {});
    }

    /** Answers, handing over text as it comes; pieces are whole characters and together are {@link Generation#text}. */
    public Generation generate(Consumer<String> onText) {
        try (TextGenerator generator = new TextGenerator(this)) {
            String piece;
            while ((piece = generator.next()) != null) {
                if (!piece.isEmpty()) {
                    onText.accept(piece);
                }
            }
            return generator.result();
        }
    }

    /**
     * Answers lazily: text is generated on the thread that consumes the stream, as it consumes it. Memory is freed when the stream has been consumed;
     * close it if you may stop earlier.
     */
    public Stream<String> stream() {
        TextGenerator generator = new TextGenerator(this);
        Spliterator<String> pieces =
                new Spliterators.AbstractSpliterator<>(Long.MAX_VALUE, Spliterator.ORDERED | Spliterator.NONNULL) {
                    @Override
                    public boolean tryAdvance(Consumer<? super String> action) {
                        String piece;
                        do {
                            piece = generator.next();
                            if (piece == null) {
                                generator.close();
                                return false;
                            }
                        } while (piece.isEmpty());
                        action.accept(piece);
                        return true;
                    }
                };
        return StreamSupport.stream(pieces, false).onClose(generator::close);
    }

    /** The token ids that the model is given. */
    public int[] tokens() {
        if (options.ids != null) {
            return options.ids.clone();
        }
        String message = Objects.requireNonNull(options.message);
        Tokenizer tokenizer = model.requireTokenizer();
        if (options.raw || model.template().isEmpty()) {
            if (options.system != null) {
                throw new IllegalStateException(
                        options.raw
                                ? "a raw prompt has no place for a system message"
                                : "%s has no chat template, so it has no place for a system message"
                                        .formatted(model.name()));
            }
            return tokenizer.encode(message);
        }
        return tokenizer.encodeRendered(render(model.template().orElseThrow(), tokenizer, message));
    }

    private String render(ChatTemplate template, Tokenizer tokenizer, String message) {
        List<Map<String, String>> messages = new ArrayList<>();
        if (options.system != null) {
            messages.add(Map.of("role", "system", "content", tokenizer.shield(options.system)));
        }
        messages.add(Map.of("role", "user", "content", tokenizer.shield(message)));
        Map<String, Object> variables = new LinkedHashMap<>();
        variables.put("messages", messages);
        variables.put("add_generation_prompt", true);
        if (options.thinking != null) {
            variables.put("enable_thinking", options.thinking);
        }
        return template.render(variables);
    }

    Model model() {
        return model;
    }

    Sampling samplingOptions() {
        return options.sampling;
    }

    int maxTokens() {
        return options.maxTokens;
    }

    List<String> stopStrings() {
        return options.stopStrings;
    }

    List<LogitsProcessor> processors() {
        return options.processors;
    }

    /** Tokens that end the answer. */
    BitSet endTokens() {
        BitSet ends = new BitSet();
        options.stopTokens.stream().filter(token -> token >= 0).forEach(ends::set);
        if (!options.ignoreEnd) {
            model.endTokens().stream().filter(token -> token >= 0).forEach(ends::set);
        }
        return ends;
    }

    boolean cancelled() {
        return Thread.currentThread().isInterrupted()
                || (options.cancellation != null && options.cancellation.isCancelled());
    }

    private Prompt with(Consumer<Draft> change) {
        Draft draft = new Draft(options);
        change.accept(draft);
        return new Prompt(model, draft.finish());
    }

    /** The options while one of them changes. */
    private static final class Draft {
        private final Options from;

        @Nullable String system;

        boolean raw;

        @Nullable Boolean thinking;

        Sampling sampling;
        int maxTokens;
        final List<String> stopStrings;
        final Set<Integer> stopTokens;
        boolean ignoreEnd;
        final List<LogitsProcessor> processors;

        @Nullable Cancellation cancellation;

        Draft(Options from) {
            this.from = from;
            system = from.system;
            raw = from.raw;
            thinking = from.thinking;
            sampling = from.sampling;
            maxTokens = from.maxTokens;
            stopStrings = new ArrayList<>(from.stopStrings);
            stopTokens = new TreeSet<>(from.stopTokens);
            ignoreEnd = from.ignoreEnd;
            processors = new ArrayList<>(from.processors);
            cancellation = from.cancellation;
        }

        Options finish() {
            return new Options(
                    from.message,
                    from.ids,
                    system,
                    raw,
                    thinking,
                    sampling,
                    maxTokens,
                    List.copyOf(stopStrings),
                    Set.copyOf(stopTokens),
                    ignoreEnd,
                    List.copyOf(processors),
                    cancellation);
        }
    }
}
