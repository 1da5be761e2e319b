package kawi.spark;

import java.util.List;
import java.util.stream.IntStream;
import kawi.Model;
import kawi.demo.DemoModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Spark in this process, shared by the tests, and data for it. */
final class LocalSpark {

    static final StructType QUESTIONS = new StructType()
            .add("id", DataTypes.LongType, false)
            .add("hero", DataTypes.StringType)
            .add("object", DataTypes.StringType);

    private static final String[] HEROES = {"fox", "bear", "duck", "owl", "queen", "robot", "whale"};
    private static final String[] OBJECTS = {"kite", "drum", "key", "lamp", "boat"};

    private LocalSpark() {}

    /** Returns the session, which exists until the JVM ends or it is stopped. */
    static SparkSession session() {
        return SparkSession.builder()
                .master("local[4]")
                .appName("Tests of Kawi")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.ui.enabled", "false")
                .config("spark.sql.shuffle.partitions", "4")
                .config("spark.sql.warehouse.dir", "target/warehouse")
                .config("spark.plugins", KawiPlugin.class.getName())
                .getOrCreate();
    }

    /** Returns the demo model for comparisons, which exists until the JVM ends. */
    static Model model() {
        return Reference.MODEL;
    }

    /** Rows that differ from each other in their keys. */
    static List<Row> rows(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> RowFactory.create((long) i, HEROES[i % HEROES.length], OBJECTS[i % OBJECTS.length]))
                .toList();
    }

    static Dataset<Row> questions(int count) {
        return session().createDataFrame(rows(count), QUESTIONS);
    }

    /** Short answers about {@link #questions}. */
    static Answers stories() {
        return Answers.of(DemoModel::loader)
                .prompt("Tell me a story about a {hero} who lost a {object}.")
                .key("id")
                .seed(11)
                .maxTokens(5);
    }

    private static final class Reference {
        static final Model MODEL = DemoModel.load();
    }
}
