package kawi.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import kawi.Importance;
import kawi.Progress;
import kawi.Sequence;
import kawi.quantize.ImportanceCollector;
import kawi.tokenizer.Tokenizer;

/** Has a model read a text in pieces, and writes the importance of its columns. */
final class ImportanceRun {

    private ImportanceRun() {}

    /** See {@link Importance#writeTo}. */
    static void write(Importance options, Path target, Progress progress) {
        ImportanceCollector collector = new ImportanceCollector();
        CheckpointLoader loader = new CheckpointLoader((arena, open) -> open.open(options.model()));
        try (LoadedModel model = loader.threads(options.threads())
                .progress(progress)
                .observer(collector)
                .load()) {
            String text = Files.readString(options.text(), StandardCharsets.UTF_8);
            Tokenizer tokenizer = model.requireTokenizer();
            int[] ids = options.special() ? tokenizer.encodeWithSpecials(text) : tokenizer.encode(text);
            int size = options.chunkTokens();
            int chunks = ids.length / size;
            if (chunks == 0) {
                throw new IllegalArgumentException(
                        "%s has %d tokens, less than one chunk of %d; take a longer text or smaller chunks"
                                .formatted(options.text(), ids.length, size));
            }
            String subject = String.valueOf(options.text().getFileName());
            for (int chunk = 0; chunk < chunks; chunk++) {
                progress.update(
                        new Progress.Step(Progress.Stage.PREFILL, subject, (long) chunk * size, (long) chunks * size));
                try (Sequence sequence = model.newSequence()) {
                    sequence.append(Arrays.copyOfRange(ids, chunk * size, (chunk + 1) * size));
                }
            }
            collector.writeTo(target, options.text().toString(), chunks, size);
            progress.update(
                    new Progress.Step(Progress.Stage.PREFILL, subject, (long) chunks * size, (long) chunks * size));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
