package kawi.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import kawi.Chat;
import kawi.Model;
import kawi.Range;
import kawi.Reply;
import kawi.Sequence;
import kawi.Tokenizer;
import kawi.Tool;
import kawi.ToolChoice;
import kawi.ToolResult;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Compares the demo model with {@code reference.json}; the README of the module documents its origin. */
class DemoModelTest {

    /**
     * Below this margin between the two best logits, Q8_0 weights may choose another token than the reference's bf16
     * weights.
     */
    private static final double MIN_MARGIN = 0.02;

    private static Model model;
    private static JsonNode reference;

    @BeforeAll
    static void load() throws IOException {
        model = DemoModel.load();
        reference = JsonMapper.shared().readTree(resource("reference.json"));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void renderingAndTokenizationMatchTheReference() {
        JsonNode fox = prompt("fox");
        String message = fox.get("messages").get(0).get("content").asString();
        assertArrayEquals(ints(fox.get("ids")), model.prompt(message).tokens());

        JsonNode system = prompt("system");
        String instructions = system.get("messages").get(0).get("content").asString();
        String question = system.get("messages").get(1).get("content").asString();
        assertArrayEquals(
                ints(system.get("ids")),
                model.prompt(question).system(instructions).tokens());
    }

    @Test
    void containsTheChatTemplateOfTheProvenanceDirectory() throws IOException {
        String template =
                Files.readString(Path.of("provenance/chat_template.jinja")).stripTrailing();
        String file = new String(resource("demo-q8_0.gguf"), StandardCharsets.ISO_8859_1);
        assertTrue(file.contains(template));
    }

    @Test
    void callsAToolIfRequired() {
        enum Place {
            JAVA,
            BALI
        }
        record Question(
                Place place, @Range(min = 1, max = 9) int days) {}
        Tool weather =
                Tool.of("weather", "Weather forecast", Question.class, question -> "Rain in " + question.place());
        try (Chat chat = model.chat()
                .tools(weather)
                .toolChoice(ToolChoice.required())
                .temperature(0)
                .open()) {
            ToolResult result = chat.send("Is it raining?").tools().getFirst();
            assertEquals("weather", result.call().name());
            assertTrue(result.text().matches("Rain in (JAVA|BALI)"), result.text());
        }
    }

    @Test
    void beginsAStory() {
        Reply story = model.prompt("Tell me a story about a fox who lost a kite.")
                .temperature(0)
                .maxTokens(8)
                .generate();
        assertEquals("Once upon a time, there was a", story.text());
    }

    @Test
    void greedyTokensMatchTheReference() {
        for (JsonNode prompt : reference.get("prompts")) {
            int[] expected = Arrays.copyOf(ints(prompt.get("greedy")), decisive(prompt.get("greedy_margins")));
            Reply answer = model.prompt(ints(prompt.get("ids")))
                    .temperature(0)
                    .ignoreEnd()
                    .maxTokens(expected.length)
                    .generate();
            assertEquals(
                    Arrays.stream(expected).boxed().toList(),
                    answer.tokens(),
                    () -> prompt.get("name").asString());
        }
    }

    /** The reference computes in floating point only, Kawi with int8 activations. The mean is that of 4,791 tokens. */
    @Test
    void likelihoodOfHeldOutTextMatchesTheReference() throws IOException {
        JsonNode valid = reference.get("valid");
        Tokenizer tokenizer = model.tokenizer().orElseThrow();
        int[] ids = tokenizer.encodeWithSpecials(new String(resource("valid.txt"), StandardCharsets.UTF_8));
        assertEquals(valid.get("tokens").asInt(), ids.length);

        int end = tokenizer.id("<|endoftext|>").orElseThrow();
        double sum = 0;
        int from = 0;
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] == end) {
                sum += negativeLogLikelihood(Arrays.copyOfRange(ids, from, i + 1));
                from = i + 1;
            }
        }
        double mean = sum / valid.get("predicted_tokens").asInt();
        assertEquals(valid.get("gguf_mean_nll").get("demo-q8_0").asDouble(), mean, 0.001);
    }

    /** The sum over all tokens except the first. */
    private static double negativeLogLikelihood(int[] document) {
        double[] sum = {0};
        try (Sequence sequence = model.newSequence()) {
            sequence.append(document, (position, logits) -> {
                if (position + 1 < document.length) {
                    sum[0] += logSumExp(logits) - logits[document[position + 1]];
                }
            });
        }
        return sum[0];
    }

    private static double logSumExp(float[] logits) {
        double max = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            max = Math.max(max, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - max);
        }
        return max + Math.log(sum);
    }

    /** The number of tokens before the first one with a margin below {@link #MIN_MARGIN}. */
    private static int decisive(JsonNode margins) {
        return IntStream.range(0, margins.size())
                .filter(i -> margins.get(i).asDouble() < MIN_MARGIN)
                .findFirst()
                .orElse(margins.size());
    }

    private static JsonNode prompt(String name) {
        return StreamSupport.stream(reference.get("prompts").spliterator(), false)
                .filter(prompt -> prompt.get("name").asString().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static int[] ints(JsonNode array) {
        return IntStream.range(0, array.size()).map(i -> array.get(i).asInt()).toArray();
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(DemoModelTest.class.getResourceAsStream(name), name)) {
            return in.readAllBytes();
        }
    }
}
