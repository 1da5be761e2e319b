package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class InspectCommandTest {

    @TempDir
    Path folder;

    @Test
    void describesAGgufFile() {
        JsonNode demo = Cli.run("inspect", "--json", Cli.DEMO).json();
        assertEquals("GGUF v3", demo.get("layout").asString());
        assertEquals("qwen35", demo.get("architecture").asString());
        assertEquals("Qwen3.5", demo.get("family").asString());
        assertEquals(2_965_464, demo.get("parameters").longValue());
        assertEquals(256, demo.get("sizes").get("hidden_size").intValue());
        assertEquals("[]", demo.get("dormant_parts").toString());
        assertEquals(2048, demo.get("tokenizer").get("vocabulary").intValue());
        assertEquals("qwen35", demo.get("tokenizer").get("pre_tokenizer").asString());
        assertTrue(demo.get("chat_template").booleanValue());
        assertEquals("f16", demo.get("kv").asString());
        assertEquals("[2035,2037]", demo.get("end_tokens").toString());

        JsonNode formats = demo.get("quantization");
        assertEquals("Q8_0", formats.get(0).get("format").asString());
        assertEquals("F32", formats.get(1).get("format").asString());
        long weights = formats.get(0).get("weights").longValue()
                + formats.get(1).get("weights").longValue();
        assertEquals(2_965_464, weights);
        assertEquals(
                1,
                formats.get(0).get("share").doubleValue()
                        + formats.get(1).get("share").doubleValue(),
                1e-12);
    }

    @Test
    void describesAFileThatCannotRun() throws IOException {
        byte[] gguf = Files.readAllBytes(Cli.DEMO);
        String latin = new String(gguf, StandardCharsets.ISO_8859_1);
        gguf[latin.indexOf("qwen35")] = 'k';
        String name = "blk.0.ffn_up.weight";
        gguf[latin.indexOf(name) + name.length() + 4 + 2 * 8] = (byte) 137;
        String file = Files.write(folder.resolve("other.gguf"), gguf).toString();
        String problem =
                "other.gguf: architecture \"kwen35\" is not supported; Kawi runs Qwen3.5 and, from Hugging Face"
                        + " folders, Kimi Linear";

        JsonNode json = Cli.run("inspect", "--json", "--tensors", file).json();
        assertEquals("kwen35", json.get("architecture").asString());
        assertEquals(problem, json.get("problem").asString());
        assertTrue(json.get("family").isNull()
                && json.get("sizes").isNull()
                && json.get("memory").isNull());
        assertEquals(2_965_464, json.get("parameters").longValue());
        assertEquals(2048, json.get("tokenizer").get("vocabulary").intValue());
        assertTrue(json.get("tensors")
                .valueStream()
                .anyMatch(tensor -> tensor.get("name").asString().equals(name)
                        && tensor.get("format").asString().equals("IQ2_K")
                        && !tensor.get("supported").booleanValue()));

        Cli.Outcome text = Cli.run("inspect", file);
        assertEquals(0, text.code());
        assertTrue(text.out().contains("cannot run     " + problem), text.out());
        assertTrue(text.out().contains("IQ2_K"), text.out());
        assertFalse(text.out().contains("memory"), text.out());
    }

    @Test
    void plansTheMemoryOfALongerContext() {
        String model = Cli.fixture("text-vgtk-tied/f32").toString();
        JsonNode longest = Cli.run("inspect", "--json", model).json().get("memory");
        JsonNode extended = Cli.run("inspect", "--json", "--rope-scaling", "yarn:2", model)
                .json()
                .get("memory");
        int last = longest.size() - 1;
        assertEquals(
                2 * longest.get(last).get("context").intValue(),
                extended.get(extended.size() - 1).get("context").intValue());
        assertTrue(
                Cli.run("inspect", "--rope-scaling", "yarn", model).complaint(2).startsWith("kawi inspect: "));
    }

    @Test
    void plansTheMemoryOfASequence() {
        JsonNode plans = Cli.run("inspect", "--json", Cli.fixture("text-vgtk-tied/f32"))
                .json()
                .get("memory");
        JsonNode one = Cli.run("inspect", "--json", "--context", "512", Cli.fixture("text-vgtk-tied/f32"))
                .json()
                .get("memory");
        assertEquals(4096, plans.get(0).get("context").intValue());
        assertEquals(1, one.size());
        JsonNode plan = one.get(0);
        assertEquals(512, plan.get("context").intValue());
        // One full-attention layer and that of multi-token prediction, 2 heads of 32, keys and values in F32.
        assertEquals(2 * 512L * 2 * 2 * 32 * 4, plan.get("keys_and_values").longValue());
        assertEquals(
                plan.get("keys_and_values").longValue(),
                2
                        * Cli.run(
                                        "inspect",
                                        "--json",
                                        "--context",
                                        "512",
                                        "--kv",
                                        "f16",
                                        Cli.fixture("text-vgtk-tied/f32"))
                                .json()
                                .get("memory")
                                .get(0)
                                .get("keys_and_values")
                                .longValue());
        assertEquals(
                8 * plan.get("keys_and_values").longValue(),
                plans.get(0).get("keys_and_values").longValue());
        assertEquals(
                plan.get("total").longValue(),
                plan.get("weights").longValue()
                        + plan.get("recurrent_state").longValue()
                        + plan.get("keys_and_values").longValue());
    }

    @Test
    void tellsPeopleTheSame() {
        String demo = Cli.run("inspect", "--tensors", Cli.DEMO).result();
        for (String part : new String[] {
            "qwen35 (Qwen3.5)",
            "3.0 million",
            "mtp_num_hidden_layers",
            "vocabulary 2,048, added tokens 13",
            "2037 <|im_end|>",
            "at 1024 tokens",
            "blk.0.ffn_down.weight"
        }) {
            assertTrue(demo.contains(part), part);
        }
        String fixture =
                Cli.run("inspect", Cli.fixture("text-veqk-untied/bf16")).result();
        assertTrue(fixture.contains("Hugging Face"), fixture);
        assertTrue(fixture.contains("none: only token ids"), fixture);
        assertFalse(fixture.contains("all tensors"), fixture);
        String vision = Cli.run("inspect", Cli.fixture("vision-vgtk-tied/f32")).result();
        assertTrue(vision.contains("keys and values at 4096 tokens, 4.5 MiB vision"), vision);
    }

    @Test
    void tellsTheSizesOfTheVisionTowerAndHowItSeesImages() throws IOException {
        Path model = Cli.fixture("vision-vgtk-tied/f32");
        Path image = Cli.fixture("vision-vgtk-tied/pixels/image_a.png");
        String text = Cli.run("inspect", "--image", image, model).result();
        assertTrue(text.contains("num_position_embeddings    64\n"), text);
        JsonNode json = Cli.run("inspect", "--json", "--image", image, model).json();
        assertEquals(3, json.at("/vision/depth").intValue());
        JsonNode use = json.at("/images/0");
        assertEquals(image.toString(), use.get("file").stringValue());
        int tokens =
                use.get("used_width").intValue() / 32 * (use.get("used_height").intValue() / 32);
        assertEquals(tokens, use.get("tokens").intValue());
        String line = "  %s: %s x %s, resized to %s x %s, %d tokens\n"
                .formatted(
                        image,
                        use.get("width"),
                        use.get("height"),
                        use.get("used_width"),
                        use.get("used_height"),
                        tokens);
        assertTrue(text.contains(line), text);

        Path tower = Cli.fixture("vision-vgtk-tied/gguf/mmproj-f32.gguf");
        String alone = Cli.run("inspect", "--image", image, tower).result();
        assertTrue(alone.contains("is the vision part of a model"), alone);
        assertTrue(alone.contains("image_a.png: 100 x 75, resized to 320 x 224, 70 tokens"), alone);

        assertTrue(Cli.run("inspect", "--json", Cli.DEMO).json().get("vision").isNull());
        String blind = Cli.run("inspect", "--image", image, Cli.DEMO).complaint(1);
        assertTrue(blind.contains("has no vision tower"), blind);
        Path damaged = Files.write(folder.resolve("damaged.png"), Arrays.copyOf(Files.readAllBytes(image), 20));
        String complaint = Cli.run("inspect", "--image", damaged, model).complaint(1);
        assertTrue(complaint.contains("damaged.png: "), complaint);
    }

    @Test
    void whatIsNoModelIsASentence() throws IOException {
        Path file = Files.writeString(folder.resolve("model.gguf"), "not a model at all, and rather short");
        assertTrue(Cli.run("inspect", file).complaint(1).contains("model.gguf"));
        assertTrue(Cli.run("inspect", folder).complaint(1).contains("config.json"));
        assertEquals(2, Cli.run("inspect").code());
        assertTrue(Cli.run("inspect", "--context", "0", Cli.DEMO).complaint(2).contains("--context is 0"));
    }
}
