package kawi.engine;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import kawi.EngineProvider;
import kawi.Importance;
import kawi.KernelSupport;
import kawi.ModelFile;
import kawi.ModelHub;
import kawi.ModelLoader;
import kawi.Progress;
import kawi.Quantization;
import kawi.QuantizationReport;
import kawi.RandomModel;
import kawi.Tokenizer;
import kawi.Tool;
import kawi.WeightFormat;
import kawi.checkpoint.Checkpoint;
import kawi.hub.HubEnvironment;
import kawi.hub.HubReference;
import kawi.quantize.ModelQuantizer;
import kawi.random.RandomModelWriter;
import kawi.random.RandomVisionWriter;
import kawi.schema.AnswerType;
import kawi.weights.FormatCheck;

/** The engine behind the static methods of package {@code kawi}. */
public final class KawiEngine implements EngineProvider {

    /** For {@link java.util.ServiceLoader}. */
    public KawiEngine() {}

    @Override
    public ModelLoader loader(Path path) {
        Objects.requireNonNull(path, "path");
        return new CheckpointLoader((arena, loader) -> loader.open(path));
    }

    @Override
    public ModelLoader loader(String reference) {
        if (!HubReference.isOne(Objects.requireNonNull(reference, "reference"))) {
            return loader(Path.of(reference));
        }
        HubReference parsed = HubReference.parse(reference);
        return new CheckpointLoader((arena, loader) -> loader.open(loader.fetch(parsed)));
    }

    @Override
    public ModelLoader loader(byte[] gguf, String name) {
        Objects.requireNonNull(gguf, "gguf");
        Objects.requireNonNull(name, "name");
        return new CheckpointLoader((arena, loader) -> Checkpoint.of(gguf, name, arena));
    }

    @Override
    public <T> Tool tool(String name, String description, Class<T> parameters, Function<? super T, ?> function) {
        return JavaTool.of(name, description, parameters, function);
    }

    @Override
    public Tool tool(String name, String description, Supplier<?> function) {
        return JavaTool.of(name, description, function);
    }

    @Override
    public Tool jsonTool(String name, String description, String schema, Function<String, String> function) {
        return JavaTool.json(name, description, schema, function);
    }

    @Override
    public List<Tool> toolMethods(Object instance) {
        return List.copyOf(JavaTool.methods(instance));
    }

    @Override
    public <T> T read(String json, Class<T> type) {
        return AnswerType.of(type).read(json);
    }

    @Override
    public ModelFile open(Path path) {
        return new CheckpointFile(path);
    }

    @Override
    public Tokenizer tokenizer(Path file) {
        return ModelTokenizer.load(file);
    }

    @Override
    public ModelHub hub(Map<String, String> variables) {
        return new EnvironmentHub(HubEnvironment.of(variables));
    }

    @Override
    public KernelSupport kernels() {
        return KernelDetection.detect();
    }

    @Override
    public void check(WeightFormat format) {
        new FormatCheck(format).run();
    }

    @Override
    public void write(RandomModel model, Path file, Progress progress) {
        RandomModelWriter.write(model, file, progress);
    }

    @Override
    public void writeVision(RandomModel model, Path file, Progress progress) {
        RandomVisionWriter.write(model, file, progress);
    }

    @Override
    public QuantizationReport quantize(Quantization quantization, Path file, Progress progress) {
        return ModelQuantizer.write(quantization, file, progress);
    }

    @Override
    public void measure(Importance importance, Path file, Progress progress) {
        ImportanceRun.write(importance, file, progress);
    }
}
