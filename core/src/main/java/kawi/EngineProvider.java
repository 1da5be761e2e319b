package kawi;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The service behind the static methods of {@link Model}, {@link Tool} and other types of this package, found with
 * {@link java.util.ServiceLoader} by the class loader of this interface. It is for internal use: Kawi's engine
 * implements it.
 */
public interface EngineProvider {

    /** See {@link Model#loader(Path)}. */
    ModelLoader loader(Path path);

    /** See {@link Model#loader(String)}. */
    ModelLoader loader(String reference);

    /** See {@link Model#loader(byte[], String)}. */
    ModelLoader loader(byte[] gguf, String name);

    /** See {@link Tool#of(String, String, Class, Function)}. */
    <T> Tool tool(String name, String description, Class<T> parameters, Function<? super T, ?> function);

    /** See {@link Tool#of(String, String, Supplier)}. */
    Tool tool(String name, String description, Supplier<?> function);

    /** See {@link Tool#json}. */
    Tool jsonTool(String name, String description, String schema, Function<String, String> function);

    /** See {@link Tool#methods}. */
    List<Tool> toolMethods(Object instance);

    /** See {@link ToolCall#arguments(Class)}. */
    <T> T read(String json, Class<T> type);

    /** See {@link ModelFile#open}. */
    ModelFile open(Path path);

    /** See {@link Tokenizer#load}. */
    Tokenizer tokenizer(Path file);

    /** See {@link ModelHub#fromEnvironment(Map)}. */
    ModelHub hub(Map<String, String> variables);

    /** See {@link KernelSupport#detect}. */
    KernelSupport kernels();

    /** See {@link WeightFormatCheck#run}. */
    void check(WeightFormat format);

    /** See {@link RandomModel#writeTo}. */
    void write(RandomModel model, Path file, Progress progress);

    /** See {@link RandomModel#writeVisionTo}. */
    void writeVision(RandomModel model, Path file, Progress progress);

    /** See {@link Quantization#writeTo}. */
    QuantizationReport quantize(Quantization quantization, Path file, Progress progress);

    /** See {@link Importance#writeTo}. */
    void measure(Importance importance, Path file, Progress progress);
}
