package kawi.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.codahale.metrics.MetricRegistry;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.SparkConf;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.resource.ResourceInformation;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class KawiPluginTest {

    private final MetricRegistry registry = new MetricRegistry();

    private final class Context implements PluginContext {
        @Override
        public MetricRegistry metricRegistry() {
            return registry;
        }

        @Override
        public SparkConf conf() {
            return new SparkConf(false);
        }

        @Override
        public String executorID() {
            return "0";
        }

        @Override
        public String hostname() {
            return "localhost";
        }

        @Override
        public Map<String, ResourceInformation> resources() {
            return Map.of();
        }

        @Override
        public void send(Object message) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Object ask(Object message) {
            throw new UnsupportedOperationException();
        }
    }

    private long count(String meter) {
        return registry.meter(meter).getCount();
    }

    @Test
    void publishesTheWorkOfThisProcess() {
        new KawiPlugin().executorPlugin().init(new Context(), Map.of());
        assertEquals(Set.of("running", "rows", "errors", "promptTokens", "generatedTokens"), registry.getNames());
        long rowsBefore = count("rows");
        long errorsBefore = count("errors");
        long promptBefore = count("promptTokens");
        long generatedBefore = count("generatedTokens");

        List<Row> rows = KawiSpark.answers(
                        LocalSpark.questions(8).selectExpr("id", "nullif(hero, 'fox') as hero", "object"),
                        LocalSpark.stories())
                .collectAsList();

        assertEquals(8, count("rows") - rowsBefore);
        assertEquals(2, count("errors") - errorsBefore);
        assertEquals(sum(rows, "answer_prompt_tokens"), count("promptTokens") - promptBefore);
        assertEquals(sum(rows, "answer_generated_tokens"), count("generatedTokens") - generatedBefore);
        assertTrue(registry.meter("generatedTokens").getMeanRate() > 0);
        assertEquals(0, registry.counter("running").getCount());
    }

    private static long sum(List<Row> rows, String column) {
        return rows.stream()
                .filter(row -> row.getAs(column) != null)
                .mapToLong(row -> row.<Integer>getAs(column))
                .sum();
    }
}
