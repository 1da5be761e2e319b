package kawi.spark;

import org.apache.spark.sql.Row;

/**
 * A row of the result.
 *
 * @param failed whether it has an error in place of an answer
 */
record RowAnswer(Row row, int promptTokens, int generatedTokens, boolean failed) {}
