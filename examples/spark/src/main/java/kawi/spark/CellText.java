package kawi.spark;

import java.math.BigDecimal;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The values of cells as text, in prompts and keys. Only types whose text is the same on all machines have one; that of
 * a timestamp, for example, depends on the time zone.
 */
final class CellText {

    private CellText() {}

    /**
     * Returns the position of a column whose values are used as text.
     *
     * @param use what for, for messages
     * @throws IllegalArgumentException if there is no such column, or its type has no text
     */
    static int position(StructType schema, String column, String use) {
        String[] names = schema.fieldNames();
        for (int i = 0; i < names.length; i++) {
            if (names[i].equals(column)) {
                requireText(schema.fields()[i], use);
                return i;
            }
        }
        throw new IllegalArgumentException("%s names the column %s, but the data set has the columns %s"
                .formatted(use, column, String.join(", ", names)));
    }

    private static void requireText(StructField field, String use) {
        DataType type = field.dataType();
        boolean known = type instanceof StringType
                || type instanceof IntegralType
                || type instanceof BooleanType
                || type instanceof FloatType
                || type instanceof DoubleType
                || type instanceof DecimalType
                || type instanceof DateType;
        if (!known) {
            throw new IllegalArgumentException(
                    "%s names the column %s of type %s; convert it to a string first, for example with cast or to_json"
                            .formatted(use, field.name(), type.catalogString()));
        }
    }

    /** Returns the text of a value of a column that {@link #position} has accepted. */
    static String of(Object value) {
        return value instanceof BigDecimal decimal ? decimal.toPlainString() : value.toString();
    }
}
