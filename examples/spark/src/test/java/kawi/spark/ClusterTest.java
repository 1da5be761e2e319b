package kawi.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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

    /** Kills a worker when both have answered some rows. */
    private static final class Killer extends SparkListener {
        private final Cluster cluster;
        private final Set<String> executors = new HashSet<>();
        private final CompletableFuture<Integer> killed = new CompletableFuture<>();
        private final CompletableFuture<String> lost = new CompletableFuture<>();
        private int answered;

        Killer(Cluster cluster) {
            this.cluster = cluster;
        }

        @Override
        public synchronized void onTaskEnd(SparkListenerTaskEnd end) {
            // The first stage distributes the rows.
            if (end.stageId() > 0 && end.reason().equals(Success$.MODULE$)) {
                executors.add(end.taskInfo().executorId());
                answered++;
                if (answered >= PARTITIONS / 4 && executors.size() == 2 && killed.complete(answered)) {
                    cluster.kill(1);
                }
            }
        }

        @Override
        public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
            lost.complete(removed.executorId());
        }
    }

    @Test
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
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
                assertTrue(killer.killed.isDone(), "a worker was killed before the job ended");
                assertTrue(killer.killed.join() < PARTITIONS, () -> "after " + killer.killed.join() + " tasks");
                assertTrue(Set.of("0", "1").contains(killer.lost.join()), () -> killer.lost.join() + " was lost");
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
