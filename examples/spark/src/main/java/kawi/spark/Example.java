package kawi.spark;

import java.io.IOException;
import java.util.List;
import kawi.Range;
import kawi.Size;
import kawi.demo.DemoModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Lets the demo model tell stories and fill in records, on the master that {@code spark.master} names, or else in this
 * process.
 */
public final class Example {

    private static final List<String> HEROES = List.of(
            "a fox who lost a kite", "a bear who found a drum", "a duck who wanted to fly", "an owl who lost a key");

    /** What is known about a story. */
    public record Facts(
            @Size(max = 20) String hero,
            boolean happy,
            @Range(min = 1, max = 9) int friends) {}

    private Example() {}

    public static void main(String[] args) throws IOException {
        SparkSession.Builder builder = SparkSession.builder().appName("Kawi");
        if (System.getProperty("spark.master") == null) {
            builder.master("local[2]")
                    .config("spark.ui.enabled", "false")
                    .config("spark.driver.host", "127.0.0.1")
                    .config("spark.driver.bindAddress", "127.0.0.1");
        }
        try (SparkSession session = builder.getOrCreate()) {
            Dataset<Row> heroes =
                    session.createDataset(HEROES, Encoders.STRING()).toDF("hero");
            Answers stories = Answers.of(DemoModel::loader)
                    .prompt("Tell me a story about {hero}.")
                    .key("hero")
                    .seed(7)
                    .into("story");
            Answers facts = Answers.of(DemoModel::loader)
                    .prompt("Describe the hero of this story: {story}")
                    .key("hero")
                    .as(Facts.class)
                    .into("facts");
            Dataset<Row> told = KawiSpark.answers(heroes, stories).select("hero", "story", "story_generated_tokens");
            for (Row row : KawiSpark.answers(told, facts)
                    .select("hero", "story", "story_generated_tokens", "facts.happy", "facts.friends")
                    .collectAsList()) {
                IO.println("%s (%s tokens, happy: %s, friends: %s)"
                        .formatted(row.get(0), row.get(2), row.get(3), row.get(4)));
                IO.println(row.get(1) + "\n");
            }
        }
    }
}
