package kawi.engine;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import kawi.Cancellation;
import kawi.Divergence;
import kawi.Evaluation;
import kawi.Perplexity;
import kawi.kernels.WorkerPool;
import kawi.quality.BaseReader;
import kawi.quality.BaseWriter;
import kawi.quality.Chunks;
import kawi.quality.DivergenceSum;
import kawi.quality.PerplexitySum;
import kawi.tokenizer.Tokenizer;
import org.jspecify.annotations.Nullable;

/**
 * An evaluation of a loaded model. Each chunk takes passes as a prompt does; the logits of the second half are computed
 * for {@value #LOGIT_ROWS} tokens at a time, so that memory does not grow with the chunk.
 *
 * @param contextLength 0 for the default
 */
record ModelEvaluation(
        LoadedModel model,
        WorkerPool pool,
        int contextLength,
        int most,
        @Nullable Path baseFile,
        Cancellation handle,
        Listener updates)
        implements Evaluation {

    private static final int LOGIT_ROWS = Scheduler.MAX_LOGIT_ROWS;

    ModelEvaluation(LoadedModel model, WorkerPool pool) {
        this(model, pool, 0, Integer.MAX_VALUE, null, new Cancellation(), (soFar, chunks) -> {});
    }

    @Override
    public Evaluation contextLength(int tokens) {
        if (tokens < Chunks.MIN_CONTEXT || tokens > model.contextLength()) {
            throw new IllegalArgumentException(
                    "chunks of %d tokens, but they must have between %d and %d, the context length of %s"
                            .formatted(tokens, Chunks.MIN_CONTEXT, model.contextLength(), model.name()));
        }
        return new ModelEvaluation(model, pool, tokens, most, baseFile, handle, updates);
    }

    @Override
    public Evaluation chunks(int most) {
        if (most < 1) {
            throw new IllegalArgumentException("chunks is %d; it must be at least 1".formatted(most));
        }
        return new ModelEvaluation(model, pool, contextLength, most, baseFile, handle, updates);
    }

    @Override
    public Evaluation base(Path file) {
        return new ModelEvaluation(model, pool, contextLength, most, file, handle, updates);
    }

    @Override
    public Evaluation cancelWith(Cancellation cancellation) {
        return new ModelEvaluation(model, pool, contextLength, most, baseFile, cancellation, updates);
    }

    @Override
    public Evaluation listener(Listener listener) {
        return new ModelEvaluation(model, pool, contextLength, most, baseFile, handle, listener);
    }

    @Override
    public Perplexity perplexity(String text) {
        return perplexity(model.requireTokenizer().encodeDocument(text));
    }

    @Override
    public Perplexity perplexity(int... tokens) {
        Chunks chunks = divided(tokens);
        try (BaseWriter writer =
                baseFile == null ? null : BaseWriter.create(baseFile, chunks, model.vocabularySize())) {
            PerplexitySum sum = new PerplexitySum(model.vocabularySize(), pool, writer);
            Perplexity result = evaluate(chunks, sum::add, sum::perplexity);
            if (writer != null) {
                writer.commit();
            }
            return result;
        }
    }

    @Override
    public Divergence divergence(Path base) {
        try (BaseReader reader = BaseReader.open(base, model.vocabularySize(), model.contextLength())) {
            Chunks all = reader.chunks();
            Chunks chunks = new Chunks(all.contextLength(), Math.min(most, all.count()), all.tokens());
            DivergenceSum sum = new DivergenceSum(model.vocabularySize(), pool, reader);
            Perplexity result = evaluate(chunks, sum::add, sum::perplexity);
            return sum.divergence(chunks.contextLength(), chunks.count(), result.bytes());
        }
    }

    /** Divides tokens into chunks. */
    private Chunks divided(int[] tokens) {
        int length = contextLength > 0 ? contextLength : Math.min(DEFAULT_CONTEXT, model.contextLength());
        int count = Math.min(most, tokens.length / length);
        if (count == 0) {
            throw new IllegalArgumentException(
                    "the text has %d tokens, fewer than one chunk of %d; a longer text or a shorter context is required"
                            .formatted(tokens.length, length));
        }
        return new Chunks(length, count, Arrays.copyOf(tokens, count * length));
    }

    /** Takes rows of logits and the tokens that follow them. */
    private interface Scorer {
        void add(float[] logits, int count, int[] tokens, int from);
    }

    /** Returns the perplexity so far. */
    private interface Result {
        Perplexity of(int contextLength, int chunks, long bytes);
    }

    private Perplexity evaluate(Chunks chunks, Scorer scorer, Result result) {
        BooleanSupplier cancelled =
                () -> handle.isCancelled() || Thread.currentThread().isInterrupted();
        int length = chunks.contextLength();
        int first = chunks.first();
        OptionalInt beginning = model.ownTokenizer().map(Tokenizer::beginning).orElse(OptionalInt.empty());
        long bytes = 0;
        Perplexity soFar = result.of(length, 0, 0);
        try (TokenSequence sequence = model.openSequence(true)) {
            for (int chunk = 0; chunk < chunks.count(); chunk++) {
                int start = chunks.start(chunk);
                int[] tokens = Arrays.copyOfRange(chunks.tokens(), start, start + length);
                // Only here: a base file has the tokens of the text.
                tokens[0] = beginning.orElse(tokens[0]);
                sequence.restore(null);
                sequence.append(tokens, 0, first, null, true, cancelled, read -> {}, null);
                sequence.append(
                        tokens,
                        first,
                        length - 1,
                        null,
                        cancelled,
                        LOGIT_ROWS,
                        (position, count, rows) -> scorer.add(rows, count, tokens, position + 1));
                bytes += bytes(tokens, first + 1);
                soFar = result.of(length, chunk + 1, bytes);
                updates.update(soFar, chunks.count());
            }
        }
        return soFar;
    }

    /** The size in bytes of the tokens from index {@code from} on. */
    private long bytes(int[] tokens, int from) {
        Tokenizer tokenizer = model.ownTokenizer().orElse(null);
        long bytes = 0;
        for (int i = from; tokenizer != null && i < tokens.length; i++) {
            bytes += tokens[i] < tokenizer.vocabularySize() ? tokenizer.bytes(tokens[i]).length : 0;
        }
        return bytes;
    }
}
