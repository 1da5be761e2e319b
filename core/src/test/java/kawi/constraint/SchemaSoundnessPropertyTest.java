package kawi.constraint;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.exc.JsonNodeException;
import tools.jackson.databind.json.JsonMapper;

/** What the grammar of a schema accepts is valid for an independent validator, whatever keywords are combined. */
class SchemaSoundnessPropertyTest {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    @Property(tries = 1500)
    void acceptedValuesAreValidIn202012(@ForAll long seed) {
        check(new Random(seed), SpecificationVersion.DRAFT_2020_12);
    }

    @Property(tries = 700)
    void acceptedValuesAreValidInDraft7(@ForAll long seed) {
        check(new Random(seed), SpecificationVersion.DRAFT_7);
    }

    private static void check(Random random, SpecificationVersion version) {
        var keywords = new RandomKeywords(random, version == SpecificationVersion.DRAFT_7);
        String schema = keywords.schema(3);
        Grammar grammar;
        try {
            grammar = Grammar.jsonSchema(schema);
        } catch (GrammarException e) {
            return; // without values, or refused by name: the tests of keywords say what must be accepted
        }
        Schema validator = SchemaRegistry.withDefaultDialect(version).getSchema(schema);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            String text = keywords.instance(2);
            if (TestVocabulary.accepts(grammar, text)) {
                texts.add(text);
            }
        }
        for (int i = 0; i < 6; i++) {
            byte[] answer = RandomAnswer.of(grammar, TestVocabulary.SMALL, random, 6 * i);
            texts.add(new String(answer, StandardCharsets.UTF_8));
        }
        for (String text : texts) {
            JsonNode value;
            try {
                value = JSON.readTree(text);
            } catch (StreamReadException e) {
                // Names that are not declared may repeat.
                assertTrue(String.valueOf(e.getMessage()).contains("Duplicate"), e::toString);
                continue;
            }
            boolean valid;
            try {
                valid = validator.validate(value).isEmpty();
            } catch (JsonNodeException e) {
                // The validator compares numbers with integral bounds as long values, and fails beyond these.
                assertTrue(String.valueOf(e.getMessage()).contains("not in 64-bit `long` range"), e::toString);
                continue;
            }
            assertTrue(valid, () -> text + " is not valid against " + schema);
        }
    }
}
