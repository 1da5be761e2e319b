package kawi.constraint;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.exc.JsonNodeException;
import tools.jackson.databind.json.JsonMapper;

/**
 * For all logits, budgets and schemas, the answer is complete, can be parsed, and is valid for an independent
 * validator.
 */
class ConstrainedPropertyTest {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final SchemaRegistry VALIDATORS =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    private static final TestVocabulary DEMO = TestVocabulary.demo();

    private static void validate(String schema, Schema validator, byte[] answer) {
        String text = new String(answer, StandardCharsets.UTF_8);
        assertEquals(text.getBytes(StandardCharsets.UTF_8).length, answer.length, "not UTF-8: " + text);
        JsonNode value = assertDoesNotThrow(() -> JSON.readTree(text), text);
        List<com.networknt.schema.Error> errors = validator.validate(
                value, context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)));
        assertTrue(errors.isEmpty(), () -> errors + "\nschema " + schema + "\nanswer " + text);
    }

    @Property(tries = 120)
    void answersAreValid(@ForAll long seed, @ForAll @IntRange(max = 60) int extra) {
        var random = new Random(seed);
        String schema = RandomSchema.of(random);
        Grammar grammar = Grammar.jsonSchema(schema);
        Schema validator = VALIDATORS.getSchema(schema);
        TestVocabulary vocabulary = random.nextInt(4) == 0 ? DEMO : TestVocabulary.SMALL;
        for (int i = 0; i < 4; i++) {
            byte[] answer = RandomAnswer.of(grammar, vocabulary, random, extra * i / 2);
            try {
                validate(schema, validator, answer);
            } catch (JsonNodeException e) {
                // The validator compares numbers with integral bounds as long values, and fails beyond these.
                assertTrue(String.valueOf(e.getMessage()).contains("not in 64-bit `long` range"), e::toString);
            }
            String text = new String(answer, StandardCharsets.UTF_8);
            RandomAnswer.follow(grammar, TestVocabulary.SMALL, bytes(answer), text);
            if (java.text.Normalizer.isNormalized(text, java.text.Normalizer.Form.NFC)) {
                RandomAnswer.follow(grammar, DEMO, DEMO.tokenizer().encode(text), text);
            }
        }
    }

    private static int[] bytes(byte[] text) {
        int[] tokens = new int[text.length];
        for (int i = 0; i < text.length; i++) {
            tokens[i] = text[i] & 0xFF;
        }
        return tokens;
    }

    @Property(tries = 40)
    void anyJsonParses(@ForAll long seed, @ForAll @IntRange(max = 300) int extra) {
        byte[] answer = RandomAnswer.of(Grammar.json(), TestVocabulary.SMALL, new Random(seed), extra);
        assertDoesNotThrow(() -> JSON.readTree(answer));
    }

    /** Values written by an independent program, without white space, as far as schema order and number form allow. */
    @Property(tries = 40)
    void whatOthersWriteIsAllowed(@ForAll List<String> strings, @ForAll List<Integer> integers, @ForAll boolean flag) {
        Grammar grammar = Grammar.jsonSchema(
                "{\"type\":\"object\",\"properties\":{\"s\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
                        + "\"i\":{\"type\":\"array\",\"items\":{\"type\":\"integer\"}},\"f\":{\"type\":\"boolean\"}},\"required\":[\"s\",\"i\"]}");
        var value = JSON.createObjectNode();
        var s = value.putArray("s");
        for (String string : strings) {
            s.add(new String(string.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
        }
        var i = value.putArray("i");
        integers.forEach(i::add);
        if (flag) {
            value.put("f", true);
        }
        String text = value.toString();
        RandomAnswer.follow(grammar, DEMO, DEMO.tokenizer().encode(text), text);
        assertTrue(TestVocabulary.accepts(grammar, text), text);
    }
}
