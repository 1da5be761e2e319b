package kawi.spark;

import java.io.Serializable;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.DoubleAccumulator;
import org.apache.spark.util.LongAccumulator;

/**
 * Sums over all answers of a data set, as accumulators. Spark's user interface shows them for each stage and task, under
 * the names {@code kawi rows}, {@code kawi errors}, {@code kawi prompt tokens}, {@code kawi generated tokens} and
 * {@code kawi task seconds}.
 *
 * <p>As with all accumulators in transformations, the work of a task is added when the task ends, and again when its
 * rows are computed again, for example for a second action on a data set that is not cached.
 */
public final class AnswerMetrics implements Serializable {

    private static final long serialVersionUID = 1L;

    private final LongAccumulator rows;
    private final LongAccumulator errors;
    private final LongAccumulator promptTokens;
    private final LongAccumulator generatedTokens;
    private final DoubleAccumulator taskSeconds;

    private AnswerMetrics(SparkContext context) {
        rows = context.longAccumulator("kawi rows");
        errors = context.longAccumulator("kawi errors");
        promptTokens = context.longAccumulator("kawi prompt tokens");
        generatedTokens = context.longAccumulator("kawi generated tokens");
        taskSeconds = context.doubleAccumulator("kawi task seconds");
    }

    /** Creates accumulators that are zero. */
    public static AnswerMetrics register(SparkSession session) {
        return new AnswerMetrics(session.sparkContext());
    }

    /** Returns the number of rows, with and without an answer. */
    public long rows() {
        return rows.value();
    }

    /** Returns the number of rows with an error in place of an answer. */
    public long errors() {
        return errors.value();
    }

    /** Returns the number of tokens of all prompts. */
    public long promptTokens() {
        return promptTokens.value();
    }

    /** Returns the number of tokens of all answers. */
    public long generatedTokens() {
        return generatedTokens.value();
    }

    /** Returns the time that tasks took, from the start of the first answer to the end of the last one, in seconds. */
    public double taskSeconds() {
        return taskSeconds.value();
    }

    /** Returns the generated tokens per second of a task. Tasks of a JVM run at the same time and share its speed. */
    public double tokensPerTaskSecond() {
        return taskSeconds() == 0 ? 0 : generatedTokens() / taskSeconds();
    }

    /** Adds an answer; called by the thread of the task. */
    void add(RowAnswer answer) {
        rows.add(1);
        errors.add(answer.failed() ? 1 : 0);
        promptTokens.add(answer.promptTokens());
        generatedTokens.add(answer.generatedTokens());
    }

    /** Adds the time of a task; called by its thread. */
    void addSeconds(double seconds) {
        taskSeconds.add(seconds);
    }
}
