package kawi.quantize;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kawi.Progress;
import kawi.Quantization;
import kawi.QuantizationReport;
import kawi.architecture.Blueprint;
import kawi.architecture.GgufForm;
import kawi.architecture.registry.Architectures;
import kawi.architecture.vision.VisionFile;
import kawi.checkpoint.Checkpoint;
import kawi.checkpoint.GgufCheckpoint;
import kawi.checkpoint.HuggingFaceCheckpoint;
import kawi.gguf.GgufWriter;
import kawi.gguf.Metadata;
import kawi.gguf.MetadataType;
import kawi.kernels.PackingBuffer;
import kawi.kernels.WorkerPool;
import kawi.quant.QuantizedFormat;
import kawi.quant.Tensor;
import kawi.quant.WeightFormats;

/**
 * Writes a model as a GGUF file in other formats, tensor by tensor. The pieces of a tensor are encoded by all threads
 * and written in order, so the memory in use does not depend on the size of the model, and the bytes do not depend on
 * the number of threads.
 */
public final class ModelQuantizer {

    /** Weights encoded by one task. */
    private static final int PIECE = 1 << 17;

    private static final int PIECES_PER_THREAD = 4;

    /** The version of the block formats in ggml. */
    private static final int QUANTIZATION_VERSION = 2;

    private static final String FILE_TYPE = "general.file_type";
    private static final String VERSION = "general.quantization_version";

    private final Quantization options;
    private final Checkpoint checkpoint;
    private final FormatPlan plan;
    private final Map<String, float[]> importance;
    private final SequencedMap<String, QuantizationReport.Tensors> written = new LinkedHashMap<>();
    private final List<String> warnings = new ArrayList<>();

    private ModelQuantizer(Quantization options, Checkpoint checkpoint, FormatPlan plan) {
        this.options = options;
        this.checkpoint = checkpoint;
        this.plan = plan;
        this.importance = options.importance().map(ImportanceFile::read).orElse(Map.of());
    }

    /** Writes a model, see {@link Quantization#writeTo}. */
    public static QuantizationReport write(Quantization options, Path target, Progress progress) {
        FormatPlan plan = FormatPlan.of(options.format(), options.tensors());
        plan.requireGgufTypes();
        if (isSame(options.model(), target)) {
            throw new IllegalArgumentException("%s is the model itself; give another file to write".formatted(target));
        }
        try (Checkpoint checkpoint = Checkpoint.open(options.model())) {
            return new ModelQuantizer(options, checkpoint, plan).writeTo(target, progress);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isSame(Path model, Path target) {
        try {
            return Files.exists(target) && Files.isSameFile(model, target);
        } catch (IOException e) {
            return false; // reading the model tells what is wrong
        }
    }

    private QuantizationReport writeTo(Path target, Progress progress) throws IOException {
        Blueprint blueprint = Architectures.read(checkpoint);
        GgufForm form = blueprint.ggufForm();
        GgufWriter file = new GgufWriter();
        switch (checkpoint) {
            case HuggingFaceCheckpoint folder -> describe(folder, blueprint, form, file);
            case GgufCheckpoint gguf -> copyKeys(gguf.metadata(), file);
        }
        file.put(FILE_TYPE, MetadataType.UINT32, plan.fileType());
        file.put(VERSION, MetadataType.UINT32, QUANTIZATION_VERSION);

        SequencedMap<String, Tensor> originals = form.matrices();
        long total = originals.values().stream().mapToLong(Tensor::bytes).sum();
        String subject = String.valueOf(target.getFileName());
        warnOfLoss(originals);
        try (WorkerPool pool = new WorkerPool(options.threads())) {
            Counter counter = new Counter(progress, subject, total);
            counter.add(0);
            SequencedMap<String, Tensor> encoded = plan.encoded(originals, importance);
            encoded.forEach((name, matrix) -> {
                long original = Objects.requireNonNull(originals.get(name)).bytes();
                count(matrix.format().name(), (long) matrix.rows() * matrix.columns(), matrix.bytes());
                file.tensor(
                        name,
                        matrix.format(),
                        new long[] {matrix.columns(), matrix.rows()},
                        sink -> writePieces(matrix, original, pool, counter, sink));
            });
            putVectors(form, file);
            putOthers(form, file);
            file.writeTo(target);
            checkpoint.checkUnchanged();
        }
        progress.update(new Progress.Step(Progress.Stage.QUANTIZE, subject, total, total));
        return new QuantizationReport(List.copyOf(written.values()), Files.size(target), List.copyOf(warnings));
    }

    /** Reports progress in bytes of the original. */
    private static final class Counter {

        private final Progress progress;
        private final String subject;
        private final long total;
        private long done;

        Counter(Progress progress, String subject, long total) {
            this.progress = progress;
            this.subject = subject;
            this.total = total;
        }

        void add(long bytes) {
            done += bytes;
            if (done < total) {
                progress.update(new Progress.Step(Progress.Stage.QUANTIZE, subject, done, total));
            }
        }
    }

    private static void writePieces(
            Tensor matrix, long originalBytes, WorkerPool pool, Counter counter, GgufWriter.Sink sink)
            throws IOException {
        int perPiece = Math.clamp(PIECE / matrix.columns(), 1, matrix.rows());
        int pieces = (matrix.rows() + perPiece - 1) / perPiece;
        int window = Math.min(pieces, pool.threads() * PIECES_PER_THREAD);
        PackingBuffer[] buffers = new PackingBuffer[window];
        Arrays.setAll(buffers, i -> new PackingBuffer());
        MemorySegment[] encoded = new MemorySegment[window];
        for (int first = 0; first < pieces; first += window) {
            int from = first;
            int count = Math.min(window, pieces - first);
            pool.run(count, i -> {
                int row = (from + i) * perPiece;
                encoded[i] = matrix.rows(row, Math.min(perPiece, matrix.rows() - row), buffers[i]);
            });
            for (int i = 0; i < count; i++) {
                sink.write(encoded[i]);
            }
            int rows = Math.min((first + count) * perPiece, matrix.rows()) - first * perPiece;
            counter.add(originalBytes / matrix.rows() * rows);
        }
    }

    private void count(String format, long weights, long bytes) {
        written.merge(
                format,
                new QuantizationReport.Tensors(format, 1, weights, bytes),
                (a, b) -> new QuantizationReport.Tensors(
                        format, a.count() + 1, a.weights() + b.weights(), a.bytes() + b.bytes()));
    }

    private void warnOfLoss(SequencedMap<String, Tensor> originals) {
        List<String> quantized = originals.values().stream()
                .map(Tensor::format)
                .filter(QuantizedFormat.class::isInstance)
                .map(format -> format.name())
                .distinct()
                .toList();
        if (!quantized.isEmpty()) {
            warnings.add(
                    "the weights are quantized already (%s); quantizing the original model in BF16, F16 or F32 gives better results"
                            .formatted(String.join(", ", quantized)));
        }
        if (checkpoint instanceof HuggingFaceCheckpoint && VisionFile.present(checkpoint)) {
            warnings.add(
                    "the vision tower is not written; keep the folder, which can be given beside the file to see images");
        }
    }

    /** The keys of a folder. */
    private void describe(HuggingFaceCheckpoint folder, Blueprint blueprint, GgufForm form, GgufWriter file) {
        form.putInto(file);
        Path name = options.model().toAbsolutePath().normalize();
        Path folderName = Files.isDirectory(name) ? name : name.getParent();
        file.put("general.type", MetadataType.STRING, "model");
        if (folderName != null && folderName.getFileName() != null) {
            file.put(
                    "general.name",
                    MetadataType.STRING,
                    folderName.getFileName().toString());
        }
        TextKeys.put(folder, blueprint.vocabularySize(), file);
    }

    /** All keys but those that this file has of its own, and the one for an order of heads that it does not have. */
    private static void copyKeys(Metadata metadata, GgufWriter file) {
        for (String key : metadata.keys()) {
            boolean own = key.equals(FILE_TYPE)
                    || key.equals(VERSION)
                    || key.startsWith("split.")
                    || key.endsWith(".ssm.v_head_reordered");
            if (!own) {
                file.put(key, metadata.type(key), metadata.value(key));
            }
        }
    }

    private void putVectors(GgufForm form, GgufWriter file) {
        form.vectors().forEach((name, vector) -> {
            count("F32", vector.length, 4L * vector.length);
            file.tensor(
                    name,
                    WeightFormats.byName("F32"),
                    new long[] {vector.length},
                    (row, out) -> System.arraycopy(vector, 0, out, 0, vector.length));
        });
    }

    /** The tensors of a file that the model does not use, such as those of further prediction layers, as they are. */
    private void putOthers(GgufForm form, GgufWriter file) {
        if (!(checkpoint instanceof GgufCheckpoint gguf)) {
            return;
        }
        Set<String> used = Stream.concat(form.matrices().keySet().stream(), form.vectors().keySet().stream())
                .map(ModelQuantizer::withoutEnding)
                .collect(Collectors.toSet());
        for (String name : gguf.tensorNames()) {
            if (!used.contains(withoutEnding(name)) && !gguf.isFactor(name)) {
                Tensor tensor = gguf.tensor(name);
                count(tensor.format().name(), (long) tensor.rows() * tensor.columns(), tensor.bytes());
                file.tensor(name, tensor.format(), gguf.shape(name), sink -> sink.write(tensor.data()));
            }
        }
    }

    /** The name of a tensor without the ending, which writers spell differently. */
    private static String withoutEnding(String name) {
        return name.replaceFirst("\\.(weight|bias)$", "");
    }
}
