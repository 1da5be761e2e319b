package kawi.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.Random;
import kawi.json.JsonValue;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** An independent validator comes to the same verdict. */
class SchemaCheckPropertyTest {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();
    private static final SchemaRegistry VALIDATORS =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    @Property(tries = 1500)
    void verdictsAreThoseOfAnotherValidator(@ForAll long seed) {
        var random = new Random(seed);
        var schema = RandomCheckedSchema.of(random);
        var checked = JsonSchema.checked(schema);
        var other = VALIDATORS.getSchema(schema.toString());
        for (int i = 0; i < 8; i++) {
            JsonValue value = RandomCheckedSchema.value(random, 3);
            var faults = SchemaCheck.faults(checked, value);
            var errors = other.validate(JSON.readTree(value.toString()));
            assertEquals(
                    errors.isEmpty(),
                    faults.isEmpty(),
                    () -> "%s\n%s\nwe say %s\nthe other says %s".formatted(schema, value, faults, errors));
            assertTrue(faults.stream().noneMatch(fault -> fault.isBlank() || fault.startsWith(" ")), faults::toString);
        }
    }
}
