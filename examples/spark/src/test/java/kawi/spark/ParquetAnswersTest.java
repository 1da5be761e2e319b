package kawi.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParquetAnswersTest {

    private static final AtomicInteger ASKED = new AtomicInteger();
    private static final AtomicInteger FAILS_AT = new AtomicInteger();

    @TempDir
    Path folder;

    /** Settings that count the rows, and fail the task of the row whose number is {@link #FAILS_AT}. */
    private static Answers counted() {
        ASKED.set(0);
        FAILS_AT.set(Integer.MAX_VALUE);
        return LocalSpark.stories().options(prompt -> {
            if (ASKED.incrementAndGet() >= FAILS_AT.get()) {
                throw new IllegalStateException("the power is off");
            }
            return prompt;
        });
    }

    private Dataset<Row> written() {
        return LocalSpark.session().read().parquet(folder.toString());
    }

    private ParquetAnswers output() {
        return ParquetAnswers.in(folder.toString()).rowsPerFile(20);
    }

    @Test
    void anInterruptedJobIsContinued() {
        Dataset<Row> questions = LocalSpark.questions(400);
        Answers answers = counted();
        FAILS_AT.set(300);
        assertThrows(Exception.class, () -> output().write(questions, answers));

        counted();
        var second = output().write(questions, answers);
        assertEquals(400, second.earlier() + second.written());
        assertTrue(second.earlier() > 0, second.toString());
        assertTrue(second.written() >= 100, second.toString());
        assertEquals(second.written(), ASKED.get(), "each row is computed once");
        assertEquals(
                KawiSparkTest.sorted(KawiSpark.answers(questions, LocalSpark.stories())),
                KawiSparkTest.sorted(written()));

        counted();
        assertEquals(new ParquetAnswers.Written(400, 0), output().write(questions, answers));
        assertEquals(0, ASKED.get());
    }

    @Test
    void moreRowsAreAddedToTheFolder() {
        Answers answers = counted();
        output().write(LocalSpark.questions(30), answers);
        AnswerMetrics metrics = AnswerMetrics.register(LocalSpark.session());
        var second = output().write(LocalSpark.questions(50), answers, metrics);
        assertEquals(new ParquetAnswers.Written(30, 20), second);
        assertEquals(20, metrics.rows());
        assertEquals(50, written().count());
    }

    @Test
    void whatIsNotRenamedYetIsNotAnswered() throws IOException {
        Answers answers = counted();
        output().write(LocalSpark.questions(10), answers);
        Path file;
        try (Stream<Path> files = Files.list(folder)) {
            file = files.filter(path -> path.toString().endsWith(".parquet"))
                    .findFirst()
                    .orElseThrow();
        }
        Path unfinished = folder.resolve("_temporary/0/_temporary/attempt_1/" + file.getFileName());
        Files.createDirectories(unfinished.getParent());
        Files.move(file, unfinished);
        Files.delete(folder.resolve("." + file.getFileName() + ".crc"));
        assertEquals(new ParquetAnswers.Written(0, 10), output().write(LocalSpark.questions(10), answers));
        assertEquals(10, written().count());
    }

    @Test
    void errorsCountAsAnswers() {
        StructType schema = new StructType().add("id", DataTypes.IntegerType).add("hero", DataTypes.StringType);
        Dataset<Row> rows = LocalSpark.session()
                .createDataFrame(List.of(RowFactory.create(1, null), RowFactory.create(null, "fox")), schema);
        Answers answers = LocalSpark.stories().prompt("{hero}");
        assertEquals(new ParquetAnswers.Written(0, 2), output().write(rows, answers));
        assertEquals(2, written().filter("answer_error is not null").count());
        assertEquals(new ParquetAnswers.Written(2, 0), output().write(rows, answers));
    }

    @Test
    void aKeyHasSeveralColumns() {
        Dataset<Row> rows = LocalSpark.questions(20).withColumnRenamed("object", "the `object`");
        Answers answers = LocalSpark.stories().key("hero", "the `object`", "id").prompt("{hero} {the `object`}");
        output().write(rows.filter("id < 15"), answers);
        assertEquals(new ParquetAnswers.Written(15, 5), output().write(rows, answers));
        assertEquals(KawiSparkTest.sorted(KawiSpark.answers(rows, answers)), KawiSparkTest.sorted(written()));
    }

    @Test
    void anEmptyDataSetIsWritten() {
        assertEquals(new ParquetAnswers.Written(0, 0), output().write(LocalSpark.questions(0), LocalSpark.stories()));
    }

    @Test
    void refusesOtherSettings() {
        output().write(LocalSpark.questions(1), LocalSpark.stories().system("Be\nbrief."));
        assertRefused(
                "the answers in %s were made with \"seed: 11\", not with \"seed: 12\"; use another folder for other answers",
                LocalSpark.stories().system("Be\nbrief.").seed(12));
        assertRefused(
                "the answers in %s were made with \"system: Be\\nbrief.\", not with \"system: none\"; use another folder for"
                        + " other answers",
                LocalSpark.stories());
        assertEquals(1, written().count());
    }

    private void assertRefused(String message, Answers answers) {
        assertEquals(
                message.formatted(folder),
                assertThrows(IllegalArgumentException.class, () -> output().write(LocalSpark.questions(1), answers))
                        .getMessage());
    }

    @Test
    void refusesKeysThatAreNotUnique() {
        assertRefused(
                "answers can be continued only if they have a key: set the columns with key(…)",
                LocalSpark.stories().key(new String[0]));
        Exception e = assertThrows(
                IllegalArgumentException.class,
                () -> output().write(
                                LocalSpark.questions(8), LocalSpark.stories().key("hero")));
        assertEquals("2 rows have the key [fox]; each row needs a key of its own", e.getMessage());
    }
}
