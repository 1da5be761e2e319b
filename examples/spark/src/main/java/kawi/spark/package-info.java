/**
 * Answers of a language model for the rows of a Spark data set; start at {@link kawi.spark.KawiSpark}.
 *
 * <p>The driver checks the {@linkplain kawi.spark.Answers settings} against the schema and plans a
 * {@code mapPartitions}. On the executors, all tasks of a JVM share one model; each task keeps a number of rows in
 * progress and returns them in the order of the input.
 */
@NullMarked
package kawi.spark;

import org.jspecify.annotations.NullMarked;
