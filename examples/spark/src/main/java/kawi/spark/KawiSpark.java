package kawi.spark;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Answers of a language model for the rows of a data set.
 *
 * {@snippet :
 *    Dataset<Row> answered = KawiSpark.answers(
 *            questions, Answers.of("hf:Qwen/Qwen3.5-0.8B").prompt("{question}").key("id").maxTokens(100));
 * }
 */
public final class KawiSpark {

    private KawiSpark() {}

    /**
     * Returns a data set with the columns of another one and the answers to its rows, in their order. As all
     * transformations, it computes nothing before there is an action, and everything again for the next action unless
     * it is cached or written.
     *
     * <p>The additional columns, for the default name {@code answer}:
     *
     * <pre>
     *    answer                    string, or the column type of Answers.as
     *    answer_text               string: the answer as the model wrote it; only with Answers.as
     *    answer_thinking           string: the thought before the answer, or null
     *    answer_finish_reason      string: the name of a kawi.FinishReason
     *    answer_prompt_tokens      int
     *    answer_generated_tokens   int
     *    answer_error              string: why there is no answer, or null
     * </pre>
     *
     * <p>A row whose prompt contains a null, is rejected by the chat template or exceeds the context has an error in
     * place of an answer, and so has one whose answer its Java type rejects. If the model cannot be loaded or fails, the
     * task fails and Spark repeats it, with the same answers.
     *
     * @throws IllegalArgumentException if the settings do not fit the columns
     */
    public static Dataset<Row> answers(Dataset<Row> rows, Answers answers) {
        return answers(rows, answers, AnswerMetrics.register(rows.sparkSession()));
    }

    /** As {@link #answers(Dataset, Answers)}, with given accumulators. */
    public static Dataset<Row> answers(Dataset<Row> rows, Answers answers, AnswerMetrics metrics) {
        AnswerPlan plan = plan(rows, answers);
        return rows.mapPartitions(new AnswerPartition(plan, metrics), Encoders.row(plan.schema()));
    }

    static AnswerPlan plan(Dataset<Row> rows, Answers answers) {
        SparkSession session = rows.sparkSession();
        boolean java8Times = Boolean.parseBoolean(session.conf().get("spark.sql.datetime.java8API.enabled", "false"));
        return AnswerPlan.of(rows.schema(), answers, java8Times);
    }
}
