import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import kawi.gguf.GgufFile;
import kawi.gguf.GgufWriter;
import kawi.quant.Tensor;

/**
 * Copies a GGUF file and replaces its chat template; all other metadata and all tensors are unchanged.
 *
 * <pre>
 *    java --class-path CLASSES ChatTemplate.java OLD.gguf chat_template.jinja NEW.gguf
 * </pre>
 */
final class ChatTemplate {

    private static final String KEY = "tokenizer.chat_template";

    private ChatTemplate() {}

    static void main(String[] args) throws IOException {
        String template = Files.readString(Path.of(args[1])).stripTrailing();
        try (GgufFile file = GgufFile.open(Path.of(args[0]))) {
            GgufWriter writer = new GgufWriter();
            for (String key : file.metadata().keys()) {
                writer.put(
                        key,
                        file.metadata().type(key),
                        key.equals(KEY) ? template : file.metadata().value(key));
            }
            for (String name : file.tensorNames()) {
                Tensor tensor = file.tensor(name);
                writer.tensor(name, tensor.format(), file.shape(name), tensor.data());
            }
            writer.writeTo(Path.of(args[2]));
        }
    }
}
