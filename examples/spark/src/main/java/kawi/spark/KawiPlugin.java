package kawi.spark;

import java.util.Map;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;
import org.jspecify.annotations.Nullable;

/**
 * Publishes what the model of each executor does in Spark's metrics system, and frees the model when the executor ends.
 * It is enabled by {@code --conf spark.plugins=kawi.spark.KawiPlugin}, and needs Kawi's jars on the class path of the
 * executors.
 *
 * <p>Under {@code plugin.kawi.spark.KawiPlugin} there are the counter {@code running}, the answers in progress, and the
 * meters {@code rows}, {@code errors}, {@code promptTokens} and {@code generatedTokens}, with counts since the start and
 * rates per second.
 */
public final class KawiPlugin implements SparkPlugin {

    /** Creates the plugin; for Spark. */
    public KawiPlugin() {}

    @Override
    public @Nullable DriverPlugin driverPlugin() {
        return null;
    }

    @Override
    public ExecutorPlugin executorPlugin() {
        return new ExecutorPlugin() {
            @Override
            public void init(PluginContext context, Map<String, String> extraConfiguration) {
                JvmMetrics.JVM.register(context.metricRegistry());
            }

            @Override
            public void shutdown() {
                SharedModels.JVM.closeAll();
            }
        };
    }
}
