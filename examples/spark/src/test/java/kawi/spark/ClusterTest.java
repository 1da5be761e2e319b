package kawi.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.Success$;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ClusterTest {

    private static final int ROWS = 1000;
    private static final int PARTITIONS = 20;

    @TempDir
    Path folder;

    /** Kills a worker when some rows have been answered. */
    private static final class Killer extends SparkListener {
        private final Cluster cluster;
        private final AtomicInteger answered = new AtomicInteger();
        private final AtomicInteger lost = new AtomicInteger();
        private final Set<String> executors = new HashSet<>();

        Killer(Cluster cluster) {
            this.cluster = cluster;
        }

        @Override
        public synchronized void onTaskEnd(SparkListenerTaskEnd end) {
            // The first stage distributes the rows.
            if (end.stageId() > 0 && end.reason().equals(Success$.MODULE$)) {
                executors.add(end.taskInfo().executorId());
                if (answered.incrementAndGet() == PARTITIONS / 4) {
                    cluster.kill(1);
                }
            }
        }

        @Override
        public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
            lost.incrementAndGet();
        }
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void aKilledWorkerMakesNoDifference() {
        List<Row> local = KawiSparkTest.sorted(KawiSpark.answers(LocalSpark.questions(ROWS), LocalSpark.stories()));
        LocalSpark.session().stop();
        try (Cluster cluster = new Cluster(folder)) {
            try (SparkSession session = session(cluster)) {
                Killer killer = new Killer(cluster);
                session.sparkContext().addSparkListener(killer);
                List<Row> distributed = KawiSparkTest.sorted(KawiSpark.answers(
                        session.createDataFrame(LocalSpark.rows(ROWS), LocalSpark.QUESTIONS)
                                .repartition(PARTITIONS),
                        LocalSpark.stories()));
                assertEquals(local, distributed);
                assertEquals(ROWS, distributed.size());
                assertEquals(1, killer.lost.get(), "executors lost while the job ran");
                assertEquals(Set.of("0", "1"), killer.executors);
            } catch (Exception e) {
                e.addSuppressed(new IllegalStateException(cluster.output()));
                throw e;
            }
        } catch (IOException e) {
            abort("Spark's processes cannot be started here: " + e.getMessage());
        }
    }

    private static SparkSession session(Cluster cluster) {
        return SparkSession.builder()
                .master(cluster.url())
                .appName("Tests of Kawi in a cluster")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.ui.enabled", "false")
                .config("spark.executor.memory", "512m")
                .config("spark.executor.cores", "1")
                .config("spark.executor.extraClassPath", Cluster.classPath())
                .config("spark.executor.extraJavaOptions", "-XX:+UseSerialGC")
                .config("spark.sql.shuffle.partitions", "4")
                .config("spark.plugins", KawiPlugin.class.getName())
                // Both executors take part.
                .config("spark.scheduler.minRegisteredResourcesRatio", "1.0")
                .config("spark.scheduler.maxRegisteredResourcesWaitingTime", "10min")
                .getOrCreate();
    }
}
