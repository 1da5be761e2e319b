package kawi.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import kawi.Sampling;
import kawi.checkpoint.Checkpoint;
import kawi.checkpoint.HuggingFaceCheckpoint;
import kawi.files.Fixture;
import kawi.gguf.GgufWriter;
import kawi.gguf.MetadataType;
import kawi.tokenizer.Tokenizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextKeysTest {

    private static final Path TOKENIZER = Path.of("../tokenizer/src/test/resources/kawi/tokenizer/demo-tokenizer.json");

    @TempDir
    Path folder;

    @Test
    void theFileHasTheTextOfTheFolder() throws IOException {
        for (String name : new String[] {"config.json", "model.safetensors"}) {
            Files.copy(Fixture.path(Fixture.BF16_FOLDER).resolve(name), folder.resolve(name));
        }
        Files.copy(TOKENIZER, folder.resolve("tokenizer.json"));
        Files.writeString(folder.resolve("tokenizer_config.json"), """
                {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>",
                 "chat_template": [{"name": "default", "template": "{{ a }}"}, {"name": "rag", "template": "{{ b }}"}]}
                """);
        Files.writeString(folder.resolve("generation_config.json"), """
                {"do_sample": true, "temperature": 0.5, "top_k": 20, "top_p": 0.75, "eos_token_id": [2037, 2035]}
                """);
        Path file = folder.resolve("text.gguf");
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            GgufWriter writer = new GgufWriter().put("general.architecture", MetadataType.STRING, "qwen35");
            TextKeys.put((HuggingFaceCheckpoint) checkpoint, 2060, writer);
            writer.writeTo(file);
            try (Checkpoint written = Checkpoint.open(file)) {
                Tokenizer expected = Objects.requireNonNull(checkpoint.tokenizer());
                Tokenizer found = Objects.requireNonNull(written.tokenizer());
                for (String text :
                        new String[] {"Once upon a time, 12 foxes.\n\n", "<|im_start|>user\n<think>é</think>"}) {
                    assertArrayEquals(expected.encode(text), found.encode(text));
                    assertArrayEquals(expected.encodeWithSpecials(text), found.encodeWithSpecials(text));
                }
                assertEquals(expected.addedTokens(), found.addedTokens());
                assertEquals(checkpoint.chatTemplates(), written.chatTemplates());
                assertEquals(Set.of(270, 2035, 2037), written.endTokens(found)); // one of them in config.json
                assertEquals(
                        Sampling.defaults().temperature(0.5).topK(20).topP(0.75),
                        written.sampling().orElseThrow());
                assertEquals(
                        checkpoint.specialTokens(expected).byName(),
                        written.specialTokens(found).byName());
            }
        }
    }
}
