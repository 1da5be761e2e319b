package kawi.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * Text with values of a row. {@code "{name}"} is the value of a column, and <code>{{</code> and <code>}}</code> are
 * braces.
 *
 * @param literals the text around the values, one piece more than there are values
 * @param columns the positions of the columns
 */
record Template(List<String> literals, List<Integer> columns) implements Serializable {

    /**
     * Parses a template.
     *
     * @param use what the template is for, for messages
     * @throws IllegalArgumentException if a brace has no counterpart, or a column cannot be used as text
     */
    static Template parse(String text, StructType schema, String use) {
        List<String> literals = new ArrayList<>();
        List<Integer> columns = new ArrayList<>();
        StringBuilder literal = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            boolean brace = c == '{' || c == '}';
            if (brace && text.startsWith(String.valueOf(c), at + 1)) {
                literal.append(c);
                at += 2;
            } else if (!brace) {
                literal.append(c);
                at++;
            } else {
                int end = c == '{' ? text.indexOf('}', at) : -1;
                if (end < 0) {
                    throw new IllegalArgumentException(
                            "%s has a %c without its counterpart at character %d; a brace in the text is written twice"
                                    .formatted(use, c, at));
                }
                columns.add(CellText.position(schema, text.substring(at + 1, end), use));
                literals.add(literal.toString());
                literal.setLength(0);
                at = end + 1;
            }
        }
        literals.add(literal.toString());
        return new Template(List.copyOf(literals), List.copyOf(columns));
    }

    /**
     * Returns the text for a row.
     *
     * @throws RowException if a value is null
     */
    String fill(Row row) {
        StringBuilder text = new StringBuilder(literals.getFirst());
        for (int i = 0; i < columns.size(); i++) {
            int column = columns.get(i);
            if (row.isNullAt(column)) {
                throw new RowException("the column %s, which the prompt contains, is null"
                        .formatted(row.schema().fieldNames()[column]));
            }
            text.append(CellText.of(row.get(column))).append(literals.get(i + 1));
        }
        return text.toString();
    }
}
