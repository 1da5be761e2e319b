package kawi.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.rand;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import kawi.Concurrency;
import kawi.Range;
import kawi.Reply;
import kawi.Size;
import kawi.demo.DemoModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class KawiSparkTest {

    private static final int ROWS = 1000;

    @Test
    void partitionsAndOrderDoNotMatter() {
        Dataset<Row> questions = LocalSpark.questions(ROWS);
        List<Row> once = sorted(KawiSpark.answers(questions.coalesce(1), LocalSpark.stories()));
        assertEquals(ROWS, once.size());
        Set<String> texts =
                once.stream().map(row -> row.<String>getAs("answer")).collect(Collectors.toSet());
        assertTrue(texts.size() > 5, () -> "the rows have answers of their own: " + texts);

        assertEquals(once, sorted(KawiSpark.answers(questions.repartition(3), LocalSpark.stories())));
        Dataset<Row> shuffled = questions.orderBy(rand(5)).repartition(8, col("hero"), col("id"));
        assertEquals(
                once, sorted(KawiSpark.answers(shuffled, LocalSpark.stories().window(3))));
    }

    @Test
    void eachRowHasTheAnswerOfTheModelAlone() {
        for (Row row : KawiSpark.answers(LocalSpark.questions(12), LocalSpark.stories())
                .collectAsList()) {
            String key = String.valueOf(row.<Long>getAs("id"));
            Reply alone = LocalSpark.model()
                    .prompt("Tell me a story about a %s who lost a %s."
                            .formatted(row.getAs("hero"), row.getAs("object")))
                    .maxTokens(5)
                    .seed(RowSeed.of(11, List.of(key)))
                    .generate();
            assertEquals(alone.text(), row.getAs("answer"));
            assertEquals(alone.finishReason().name(), row.getAs("answer_finish_reason"));
            assertEquals(alone.usage().promptTokens(), row.<Integer>getAs("answer_prompt_tokens"));
            assertEquals(alone.usage().completionTokens(), row.<Integer>getAs("answer_generated_tokens"));
            assertNull(row.getAs("answer_error"));
        }
    }

    @Test
    void keepsTheOrderOfAPartition() {
        List<Row> rows = KawiSpark.answers(LocalSpark.questions(50).coalesce(1), LocalSpark.stories())
                .collectAsList();
        assertEquals(
                LocalSpark.rows(50).stream().map(row -> row.get(0)).toList(),
                rows.stream().map(row -> row.get(0)).toList());
    }

    @Test
    void anotherSeedGivesOtherAnswers() {
        Dataset<Row> questions = LocalSpark.questions(40);
        assertNotEquals(
                sorted(KawiSpark.answers(questions, LocalSpark.stories())),
                sorted(KawiSpark.answers(questions, LocalSpark.stories().seed(12))));
    }

    @Test
    void rowsWithoutAKeyAreIdentifiedByTheirPrompt() {
        Answers answers = LocalSpark.stories().key(new String[0]);
        List<Row> rows = sorted(KawiSpark.answers(LocalSpark.questions(70), answers));
        assertEquals(rows.get(0).<String>getAs("answer"), rows.get(35).getAs("answer"));
        List<Row> distinct = rows.subList(0, 35);
        assertTrue(
                new HashSet<>(distinct.stream().map(row -> row.getAs("answer")).toList()).size() > 2);
    }

    enum Mood {
        GOOD,
        BAD
    }

    record Place(@Size(max = 5) String name) {}

    record Facts(
            Mood mood,
            @Range(min = 1, max = 9) int friends,
            boolean happy,
            @Size(min = 2, max = 2) List<Place> places) {}

    @Test
    void recordsAreStructs() {
        Answers answers = LocalSpark.stories().maxTokens(200).as(Facts.class).into("facts");
        Dataset<Row> answered = KawiSpark.answers(LocalSpark.questions(6), answers);
        assertEquals(
                "struct<mood:string,friends:int,happy:boolean,places:array<struct<name:string>>>",
                answered.schema().apply("facts").dataType().catalogString());
        List<Row> rows = answered.selectExpr(
                        "facts.mood",
                        "facts.friends",
                        "facts.happy",
                        "facts.places[1].name",
                        "facts_text",
                        "id",
                        "hero",
                        "object")
                .collectAsList();
        for (Row row : rows) {
            Facts alone = LocalSpark.model()
                    .prompt("Tell me a story about a %s who lost a %s."
                            .formatted(row.getAs("hero"), row.getAs("object")))
                    .maxTokens(200)
                    .seed(RowSeed.of(11, List.of(String.valueOf(row.<Long>getAs("id")))))
                    .as(Facts.class);
            assertEquals(
                    List.of(
                            alone.mood().name(),
                            alone.friends(),
                            alone.happy(),
                            alone.places().get(1).name()),
                    List.of(row.get(0), row.get(1), row.get(2), row.get(3)));
            assertTrue(row.getString(4).startsWith("{"), row.getString(4));
        }
        assertEquals(6, rows.size());
    }

    record Unlucky(int number) {
        Unlucky {
            throw new IllegalArgumentException("no number is lucky");
        }
    }

    @Test
    void anAnswerThatItsRecordRejectsIsAnError() {
        Row row = KawiSpark.answers(
                        LocalSpark.questions(1),
                        LocalSpark.stories().maxTokens(50).as(Unlucky.class))
                .collectAsList()
                .getFirst();
        assertNull(row.getAs("answer"));
        assertTrue(row.<String>getAs("answer_text").contains("number"), row.toString());
        assertTrue(row.<String>getAs("answer_error").contains("no number is lucky"), row.toString());
    }

    private static Dataset<Row> faulty() {
        return LocalSpark.session()
                .createDataFrame(
                        List.of(
                                RowFactory.create("a", "Hello"),
                                RowFactory.create("b", null),
                                RowFactory.create("c", "word ".repeat(3000)),
                                RowFactory.create(null, "Hello"),
                                RowFactory.create("e", "Hello")),
                        new StructType().add("id", DataTypes.StringType).add("prompt", DataTypes.StringType))
                .coalesce(1);
    }

    @Test
    void aRowThatCannotBeAnsweredHasAnError() {
        AnswerMetrics metrics = AnswerMetrics.register(LocalSpark.session());
        List<Row> rows = KawiSpark.answers(
                        faulty(), Answers.of(DemoModel::loader).key("id").maxTokens(3), metrics)
                .collectAsList();
        assertNotNull(rows.get(0).getAs("answer"));
        assertEquals(
                "the column prompt, which the prompt contains, is null",
                rows.get(1).getAs("answer_error"));
        assertTrue(
                rows.get(2).<String>getAs("answer_error").contains("1024"),
                rows.get(2).toString());
        assertNull(rows.get(2).getAs("answer"));
        assertNull(rows.get(2).getAs("answer_prompt_tokens"));
        assertEquals(
                "the column id, which belongs to the key, is null", rows.get(3).getAs("answer_error"));
        assertNotNull(rows.get(4).getAs("answer"));

        assertEquals(5, metrics.rows());
        assertEquals(3, metrics.errors());
        assertEquals(sum(rows, "answer_prompt_tokens"), metrics.promptTokens());
        assertEquals(sum(rows, "answer_generated_tokens"), metrics.generatedTokens());
        assertTrue(metrics.taskSeconds() > 0);
        assertTrue(metrics.tokensPerTaskSecond() > 0);
    }

    @Test
    void failsTheJobOnRequest() {
        Answers answers = Answers.of(DemoModel::loader).key("id").maxTokens(3).failOnError();
        Exception e = assertThrows(
                Exception.class, () -> KawiSpark.answers(faulty(), answers).collectAsList());
        assertTrue(
                stackOf(e)
                        .contains(
                                "the row with id = b has no answer: the column prompt, which the prompt contains, is null"),
                () -> stackOf(e));
    }

    @Test
    void rowsThatTheModelRefusesAreAskedAgain() {
        ModelSource small = () -> DemoModel.loader()
                .concurrency(Concurrency.defaults().sequences(1).waiting(0));
        Answers answers = Answers.of(small).prompt("{hero}").key("id").maxTokens(2);
        List<Row> rows = KawiSpark.answers(LocalSpark.questions(24).repartition(3), answers)
                .collectAsList();
        assertEquals(
                24, rows.stream().filter(row -> row.getAs("answer") != null).count());
    }

    private static final AtomicInteger LOADS = new AtomicInteger();

    @Test
    void tasksShareAModel() {
        ModelSource counting = () -> {
            LOADS.incrementAndGet();
            return DemoModel.loader();
        };
        Answers answers = Answers.of(counting).prompt("{hero}").key("id").maxTokens(2);
        Dataset<Row> answered = KawiSpark.answers(LocalSpark.questions(64).repartition(8), answers);
        assertEquals(64, answered.collectAsList().size());
        assertEquals(64, answered.collectAsList().size());
        assertEquals(1, LOADS.get());
    }

    @Test
    void answersOnlyWhatIsAskedFor() {
        AnswerMetrics metrics = AnswerMetrics.register(LocalSpark.session());
        Dataset<Row> answered =
                KawiSpark.answers(LocalSpark.questions(1000).coalesce(1), LocalSpark.stories(), metrics);
        assertEquals(2, answered.takeAsList(2).size());
        assertTrue(metrics.rows() < 1000, () -> metrics.rows() + " rows");
    }

    @Test
    void optionsApplyToEachRowAndDoNotReplaceItsSeed() {
        Answers answers = LocalSpark.stories()
                .options(prompt ->
                        prompt.regex("[a-z]{4}").temperature(3).topP(1).seed(1));
        List<Row> rows = KawiSpark.answers(LocalSpark.questions(30), answers).collectAsList();
        Set<String> texts =
                rows.stream().map(row -> row.<String>getAs("answer")).collect(Collectors.toSet());
        assertTrue(texts.stream().allMatch(text -> text.matches("[a-z]{4}")), texts::toString);
        assertTrue(texts.size() > 3, texts::toString);
    }

    @Test
    void settingsThatDoNotFitAreRefusedBeforeTheJob() {
        Dataset<Row> questions = LocalSpark.questions(1);
        assertRefused(
                "the prompt names the column nobody, but the data set has the columns id, hero, object",
                questions,
                LocalSpark.stories().prompt("{nobody}"));
        assertRefused(
                "the key names the column nobody, but the data set has the columns id, hero, object",
                questions,
                LocalSpark.stories().key("nobody"));
        assertRefused(
                "the data set already has a column hero; name the columns for the answers with into(…)",
                questions,
                LocalSpark.stories().into("HERO").as(String.class));
        assertRefused(
                "the system message names the column t of type timestamp; convert it to a string first, for example with"
                        + " cast or to_json",
                questions.selectExpr("id", "hero", "object", "now() as t"),
                LocalSpark.stories().system("It is {t}."));
    }

    private static void assertRefused(String message, Dataset<Row> rows, Answers answers) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> KawiSpark.answers(rows, answers))
                        .getMessage());
    }

    @Test
    void theSystemMessageIsATemplate() {
        Answers answers = LocalSpark.stories()
                .system("You are a {hero}.")
                .prompt("Who are you?")
                .options(p -> p.temperature(0));
        Row row = KawiSpark.answers(LocalSpark.questions(1), answers)
                .collectAsList()
                .getFirst();
        Reply alone = LocalSpark.model()
                .prompt("Who are you?")
                .system("You are a fox.")
                .temperature(0)
                .maxTokens(5)
                .generate();
        assertEquals(alone.text(), row.getAs("answer"));
        assertEquals(alone.usage().promptTokens(), row.<Integer>getAs("answer_prompt_tokens"));
    }

    private static long sum(List<Row> rows, String column) {
        return rows.stream()
                .filter(row -> row.getAs(column) != null)
                .mapToLong(row -> row.<Integer>getAs(column))
                .sum();
    }

    private static String stackOf(Throwable e) {
        return e + (e.getCause() == null ? "" : "\n" + stackOf(e.getCause()));
    }

    static List<Row> sorted(Dataset<Row> answered) {
        Row[] rows = (Row[]) answered.collect();
        return Arrays.stream(rows)
                .sorted(Comparator.comparingLong(row -> row.getLong(0)))
                .toList();
    }

    @Test
    void everyColumnIsFilled() {
        Row row = KawiSpark.answers(LocalSpark.questions(1), LocalSpark.stories())
                .collectAsList()
                .getFirst();
        assertEquals(
                List.of(
                        "id",
                        "hero",
                        "object",
                        "answer",
                        "answer_thinking",
                        "answer_finish_reason",
                        "answer_prompt_tokens",
                        "answer_generated_tokens",
                        "answer_error"),
                List.of(row.schema().fieldNames()));
        assertFalse(row.<String>getAs("answer").isBlank());
        assertEquals("MAX_TOKENS", row.getAs("answer_finish_reason"));
    }
}
