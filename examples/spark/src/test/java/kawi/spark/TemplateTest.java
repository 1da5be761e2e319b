package kawi.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigDecimal;
import java.sql.Date;
import java.time.LocalDate;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class TemplateTest {

    private static final StructType SCHEMA = new StructType()
            .add("name", DataTypes.StringType)
            .add("the count", DataTypes.IntegerType)
            .add("price", DataTypes.createDecimalType(20, 2))
            .add("day", DataTypes.DateType)
            .add("tags", DataTypes.createArrayType(DataTypes.StringType));

    private static final Row ROW = RowFactory.create("Ali", 3, new BigDecimal("1E+2"), LocalDate.of(2026, 1, 2), null);

    private static String fill(String template) {
        return Template.parse(template, SCHEMA, "the prompt").fill(ROW);
    }

    @Test
    void insertsColumns() {
        assertEquals("Ali has 3 for 100 on 2026-01-02", fill("{name} has {the count} for {price} on {day}"));
        assertEquals("", fill(""));
        assertEquals("AliAli", fill("{name}{name}"));
    }

    @Test
    void datesReadTheSameInBothForms() {
        Row row = RowFactory.create("", 0, null, Date.valueOf("2026-01-02"), null);
        assertEquals("2026-01-02", Template.parse("{day}", SCHEMA, "the prompt").fill(row));
    }

    @Test
    void bracesAreWrittenTwice() {
        assertEquals("{\"name\": \"Ali\"}", fill("{{\"name\": \"{name}\"}}"));
        assertEquals("{name}", fill("{{name}}"));
    }

    @Test
    void valuesAreNotTemplates() {
        Row row = RowFactory.create("{price} }", 0, null, null, null);
        assertEquals("{price} }", Template.parse("{name}", SCHEMA, "the prompt").fill(row));
    }

    @Test
    void refusesSingleBraces() {
        assertRefused(
                "the prompt has a { without its counterpart at character 6; a brace in the text is written twice",
                "Hello {name");
        assertRefused(
                "the prompt has a } without its counterpart at character 1; a brace in the text is written twice",
                "a}b");
    }

    @Test
    void refusesColumnsWithoutText() {
        assertRefused(
                "the prompt names the column tags of type array<string>; convert it to a string first, for example with cast"
                        + " or to_json",
                "{tags}");
        assertRefused(
                "the prompt names the column NAME, but the data set has the columns name, the count, price, day, tags",
                "{NAME}");
    }

    private static void assertRefused(String message, String template) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> Template.parse(template, SCHEMA, "the prompt"))
                        .getMessage());
    }
}
