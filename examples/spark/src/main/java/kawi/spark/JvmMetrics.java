package kawi.spark;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Meter;
import com.codahale.metrics.MetricRegistry;
import java.util.function.Supplier;

/** What the models of this JVM have done since its start; {@link KawiPlugin} publishes it. */
final class JvmMetrics {

    static final JvmMetrics JVM = new JvmMetrics();

    private final Counter running = new Counter();
    private final Meter rows = new Meter();
    private final Meter errors = new Meter();
    private final Meter promptTokens = new Meter();
    private final Meter generatedTokens = new Meter();

    /** Runs and counts an answer. */
    RowAnswer measure(Supplier<RowAnswer> answerer) {
        running.inc();
        try {
            RowAnswer answer = answerer.get();
            rows.mark();
            errors.mark(answer.failed() ? 1 : 0);
            promptTokens.mark(answer.promptTokens());
            generatedTokens.mark(answer.generatedTokens());
            return answer;
        } finally {
            running.dec();
        }
    }

    void register(MetricRegistry registry) {
        registry.register("running", running);
        registry.register("rows", rows);
        registry.register("errors", errors);
        registry.register("promptTokens", promptTokens);
        registry.register("generatedTokens", generatedTokens);
    }
}
