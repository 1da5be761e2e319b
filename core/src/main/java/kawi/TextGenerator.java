package kawi;

import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import kawi.sampling.Sampler;
import kawi.sampling.StopStrings;
import kawi.tokenizer.StreamDecoder;
import org.jspecify.annotations.Nullable;

/**
 * One run of a prompt, token by token. Text becomes visible in two steps: the decoder holds back incomplete characters, the stop strings hold back what
 * may become one of them; both give the rest when the answer ends.
 */
final class TextGenerator implements AutoCloseable {

    private final Prompt prompt;
    private final int[] promptTokens;
    private final Sampler sampler;
    private final Sequence sequence;
    private final @Nullable StreamDecoder decoder;
    private final StopStrings stops;
    private final float[] logits;
    private final StringBuilder text = new StringBuilder();
    private final BitSet endTokens;
    private final BooleanSupplier cancelled;
    private final int[] last = new int[1];
    private int[] tokens = new int[64];
    private int generated;
    private final long started = System.nanoTime();
    private long prefilled = started;
    private long firstToken = started;
    private long lastToken = started;
    private @Nullable FinishReason finish;

    TextGenerator(Prompt prompt) {
        this.prompt = prompt;
        this.endTokens = prompt.endTokens();
        this.cancelled = prompt::cancelled;
        Model model = prompt.model();
        promptTokens = prompt.tokens();
        if (promptTokens.length == 0) {
            throw new IllegalArgumentException("the prompt is empty; it must have at least one token");
        }
        if (promptTokens.length > model.contextLength()) {
            throw new IllegalArgumentException("the prompt has %d tokens, but the context holds %d"
                    .formatted(promptTokens.length, model.contextLength()));
        }
        sampler = new Sampler(
                prompt.samplingOptions(), model.vocabularySize(), model.forbidden(), prompt.processors(), promptTokens);
        decoder = model.tokenizer().map(tokenizer -> tokenizer.decoder(true)).orElse(null);
        stops = new StopStrings(prompt.stopStrings());
        logits = new float[model.vocabularySize()];
        sequence = model.newSequence();
    }

    /** The next piece of text, possibly empty, or null when the answer is complete. */
    @Nullable String next() {
        if (finish != null) {
            return null;
        }
        try {
            if (prompt.cancelled()) {
                return finish(FinishReason.CANCELLED);
            }
            if (generated == 0) {
                sequence.append(promptTokens, cancelled);
                prefilled = System.nanoTime();
            }
            if (generated >= prompt.maxTokens()) {
                return finish(FinishReason.MAX_TOKENS);
            }
            if (generated > 0) {
                if (sequence.length() == prompt.model().contextLength()) {
                    return finish(FinishReason.CONTEXT_FULL);
                }
                last[0] = tokens[generated - 1];
                sequence.append(last, cancelled);
            }
        } catch (CancellationException e) {
            return finish(FinishReason.CANCELLED);
        }
        sequence.logits(logits);
        int token = sampler.sample(logits);
        lastToken = System.nanoTime();
        if (generated == 0) {
            firstToken = lastToken;
        }
        if (endTokens.get(token)) {
            return finish(FinishReason.END);
        }
        sampler.accept(token);
        if (generated == tokens.length) {
            tokens = Arrays.copyOf(tokens, 2 * generated);
        }
        tokens[generated++] = token;
        return emit(decoder == null ? "" : decoder.feed(token));
    }

    private String emit(String decoded) {
        String visible = stops.push(decoded);
        text.append(visible);
        if (stops.matched().isPresent()) {
            finish = FinishReason.STOP_STRING;
        }
        return visible;
    }

    /** Ends the answer with what was held back. */
    private String finish(FinishReason reason) {
        finish = reason;
        String rest = decoder == null ? "" : emit(decoder.finish());
        String held = stops.flush();
        text.append(held);
        return rest + held;
    }

    Generation result() {
        FinishReason reason = finish;
        if (reason == null) {
            throw new IllegalStateException("the answer is not complete");
        }
        return new Generation(
                text.toString(),
                Arrays.stream(tokens, 0, generated).boxed().toList(),
                reason,
                new Generation.Usage(promptTokens.length, generated),
                new Generation.Timings(
                        Duration.ofNanos(prefilled - started),
                        Duration.ofNanos(firstToken - started),
                        Duration.ofNanos(lastToken - firstToken)),
                sampler.seed());
    }

    @Override
    public void close() {
        sequence.close();
    }
}
