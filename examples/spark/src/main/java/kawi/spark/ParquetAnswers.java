package kawi.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max_by;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.sum;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;

/**
 * Answers in a folder of Parquet files that an interrupted job continues.
 *
 * {@snippet :
 *    ParquetAnswers.in("hdfs:///answers").rowsPerFile(500).write(questions, answers);
 * }
 *
 * <p>The rule: a row is answered if a row with its key is in a file of the folder. A job answers the other rows, each of
 * its tasks those of one file. A file appears in the folder by being renamed when its task has ended, so that what a
 * killed job leaves is complete, and is not computed again; what its running tasks had computed is lost. A row with an
 * error counts as answered. To answer rows again, delete them, or the folder.
 *
 * <p>This requires a file system that renames files atomically, such as HDFS or a local one. Two jobs must not write to
 * a folder at the same time.
 *
 * @param path a folder, which need not exist
 * @param rowsPerFile how many rows a file has, approximately
 */
public record ParquetAnswers(String path, int rowsPerFile) {

    private static final int DEFAULT_ROWS_PER_FILE = 1000;

    public ParquetAnswers {
        Objects.requireNonNull(path, "path");
        if (rowsPerFile < 1) {
            throw new IllegalArgumentException("rowsPerFile must be positive, and is " + rowsPerFile);
        }
    }

    /**
     * What a job has done.
     *
     * @param earlier the rows that were answered already
     * @param written the rows that the job has answered
     */
    public record Written(long earlier, long written) {}

    /** Returns the answers in a folder, with 1000 rows in each file. */
    public static ParquetAnswers in(String path) {
        return new ParquetAnswers(path, DEFAULT_ROWS_PER_FILE);
    }

    /** Sets how many rows a file has, approximately; the fewer, the less is lost when a job is interrupted. */
    public ParquetAnswers rowsPerFile(int rows) {
        return new ParquetAnswers(path, rows);
    }

    /**
     * Answers the rows that have no answer in the folder yet, and waits until they are written. The columns of the files
     * are those of {@link KawiSpark#answers}.
     *
     * @throws IllegalArgumentException if the settings name no key, rows have the same key, or the folder has answers
     *     with other columns or other settings
     */
    public Written write(Dataset<Row> rows, Answers answers) {
        return write(rows, answers, AnswerMetrics.register(rows.sparkSession()));
    }

    /** As {@link #write(Dataset, Answers)}, with given accumulators. */
    public Written write(Dataset<Row> rows, Answers answers, AnswerMetrics metrics) {
        AnswerPlan plan = KawiSpark.plan(rows, answers);
        if (answers.key().isEmpty()) {
            throw new IllegalArgumentException(
                    "answers can be continued only if they have a key: set the columns with key(…)");
        }
        long count = requireUniqueKeys(rows, answers);
        try {
            AnswerSettings.check(path, plan, rows.sparkSession().sparkContext().hadoopConfiguration());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot use the folder " + path, e);
        }
        Dataset<Row> open = unanswered(rows, plan);
        long openRows = open.count();
        if (openRows > 0) {
            int files = Math.toIntExact(Math.ceilDiv(openRows, rowsPerFile));
            Column[] key = answers.key().stream().map(ParquetAnswers::column).toArray(Column[]::new);
            KawiSpark.answers(open.repartition(files, key), answers, metrics)
                    .write()
                    .mode(SaveMode.Append)
                    // Version 2 renames the files of a task when the task ends, not when the job ends.
                    .option("mapreduce.fileoutputcommitter.algorithm.version", "2")
                    .parquet(path);
        }
        return new Written(count - openRows, openRows);
    }

    private Dataset<Row> unanswered(Dataset<Row> rows, AnswerPlan plan) {
        Column[] key = plan.answers().key().stream().map(ParquetAnswers::column).toArray(Column[]::new);
        Dataset<Row> answered =
                rows.sparkSession().read().schema(plan.schema()).parquet(path).select(key);
        Column same = lit(true);
        for (String name : plan.answers().key()) {
            same = same.and(rows.col(quoted(name)).eqNullSafe(answered.col(quoted(name))));
        }
        return rows.join(answered, same, "left_anti");
    }

    /** Returns the number of rows. */
    private static long requireUniqueKeys(Dataset<Row> rows, Answers answers) {
        Column[] key = answers.key().stream().map(ParquetAnswers::column).toArray(Column[]::new);
        Row summary = rows.groupBy(key)
                .agg(count(lit(1)).as("kawi_count"))
                .agg(
                        sum("kawi_count"),
                        max_by(struct(key), col("kawi_count")),
                        org.apache.spark.sql.functions.max("kawi_count"))
                .first();
        if (summary.isNullAt(0)) {
            return 0;
        }
        if (summary.getLong(2) > 1) {
            throw new IllegalArgumentException("%d rows have the key %s; each row needs a key of its own"
                    .formatted(summary.getLong(2), summary.get(1)));
        }
        return summary.getLong(0);
    }

    private static Column column(String name) {
        return col(quoted(name));
    }

    private static String quoted(String name) {
        return "`" + name.replace("`", "``") + "`";
    }
}
