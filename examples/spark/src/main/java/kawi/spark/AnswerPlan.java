package kawi.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Settings that fit the schema of a data set, with the schema of the result.
 *
 * @param system the template of the system message, or null
 * @param key the positions of the columns of the key
 * @param java8Times see {@link ColumnType#of}
 */
record AnswerPlan(
        Answers answers,
        @Nullable Template system,
        Template prompt,
        List<Integer> key,
        boolean java8Times,
        StructType schema)
        implements Serializable {

    /**
     * Checks the settings.
     *
     * @throws IllegalArgumentException if they do not fit the schema
     */
    static AnswerPlan of(StructType input, Answers answers, boolean java8Times) {
        String system = answers.system();
        return new AnswerPlan(
                answers,
                system == null ? null : Template.parse(system, input, "the system message"),
                Template.parse(answers.prompt(), input, "the prompt"),
                answers.key().stream()
                        .map(column -> CellText.position(input, column, "the key"))
                        .toList(),
                java8Times,
                schema(input, answers, java8Times));
    }

    private static StructType schema(StructType input, Answers answers, boolean java8Times) {
        String name = answers.column();
        Class<?> type = answers.type();
        List<StructField> fields = new ArrayList<>();
        if (type == null) {
            fields.add(column(name, DataTypes.StringType));
        } else {
            fields.add(column(name, ColumnType.of(type, java8Times).sparkType()));
            fields.add(column(name + "_text", DataTypes.StringType));
        }
        fields.add(column(name + "_thinking", DataTypes.StringType));
        fields.add(column(name + "_finish_reason", DataTypes.StringType));
        fields.add(column(name + "_prompt_tokens", DataTypes.IntegerType));
        fields.add(column(name + "_generated_tokens", DataTypes.IntegerType));
        fields.add(column(name + "_error", DataTypes.StringType));
        for (StructField field : fields) {
            Arrays.stream(input.fieldNames())
                    .filter(field.name()::equalsIgnoreCase)
                    .findFirst()
                    .ifPresent(existing -> {
                        throw new IllegalArgumentException(
                                "the data set already has a column %s; name the columns for the answers with into(…)"
                                        .formatted(existing));
                    });
        }
        fields.addAll(0, List.of(input.fields()));
        return DataTypes.createStructType(fields);
    }

    private static StructField column(String name, DataType type) {
        return DataTypes.createStructField(name, type, true);
    }

    /**
     * Returns the texts of the key of a row, or else of its system message and its prompt.
     *
     * @throws RowException if a value of the key is null
     */
    List<String> key(Row row, String filledSystem, String filledPrompt) {
        if (key.isEmpty()) {
            return List.of(filledSystem, filledPrompt);
        }
        List<String> texts = new ArrayList<>();
        for (int column : key) {
            if (row.isNullAt(column)) {
                throw new RowException(
                        "the column %s, which belongs to the key, is null".formatted(schema.fieldNames()[column]));
            }
            texts.add(CellText.of(row.get(column)));
        }
        return texts;
    }

    /** Returns the key of a row for messages, such as {@code "id = 17"}. */
    String describe(Row row) {
        if (key.isEmpty()) {
            return "a row without a key";
        }
        return "the row with "
                + String.join(
                        ", ",
                        key.stream()
                                .map(column -> schema.fieldNames()[column] + " = " + row.get(column))
                                .toList());
    }
}
