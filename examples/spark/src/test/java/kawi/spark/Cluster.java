package kawi.spark;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Spark's standalone master and two workers with one core each, as processes on the loopback interface. */
final class Cluster implements AutoCloseable {

    private static final Pattern MASTER_STARTED = Pattern.compile("Starting Spark master at (spark://\\S+)");
    private static final Pattern WORKER_REGISTERED = Pattern.compile("Successfully registered with master (\\S+)");

    private final Path folder;
    private final List<Process> processes = new ArrayList<>();
    private final List<Process> workers = new ArrayList<>();
    private final Queue<String> log = new ConcurrentLinkedQueue<>();
    private final String url;

    /**
     * Starts the processes.
     *
     * @param folder for the files of the workers
     * @throws IOException if a process cannot be started
     */
    Cluster(Path folder) throws IOException {
        this.folder = folder;
        // The worker wants the jars of a distribution; the executors get the class path of the tests instead.
        Files.createDirectories(folder.resolve("home/jars"));
        try {
            url = start(List.of("org.apache.spark.deploy.master.Master", "--port", "0"), MASTER_STARTED)
                    .join();
            List<CompletableFuture<String>> registered = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                Path work = folder.resolve("worker" + i);
                registered.add(start(
                        List.of(
                                "org.apache.spark.deploy.worker.Worker",
                                "--cores",
                                "1",
                                "--memory",
                                "1g",
                                "--work-dir",
                                work.toString(),
                                url),
                        WORKER_REGISTERED));
                workers.add(processes.getLast());
            }
            registered.forEach(CompletableFuture::join);
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Returns the class path of this JVM. */
    static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    /** Returns the address of the master. */
    String url() {
        return url;
    }

    /** Kills a worker and its executors at once. */
    void kill(int worker) {
        Process process = workers.get(worker);
        Stream.concat(process.descendants(), Stream.of(process.toHandle())).forEach(ProcessHandle::destroyForcibly);
    }

    /** Returns what the daemons have written, and the end of what each executor has written to standard error. */
    String output() throws IOException {
        StringBuilder output = new StringBuilder(String.join("\n", log));
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(path -> path.endsWith("stderr")).toList()) {
                String text = Files.readString(file);
                output.append(file).append(":\n").append(text.substring(Math.max(0, text.length() - 4000)));
            }
        }
        return output.toString();
    }

    /** Starts a daemon of Spark, and returns what it says when it is ready. */
    private CompletableFuture<String> start(List<String> arguments, Pattern ready) throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        List<String> command = new ArrayList<>(List.of(
                java.toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dspark.master.rest.enabled=false",
                "-Dlog4j2.configurationFile=log4j2-cluster.properties",
                "-cp",
                classPath()));
        command.add(arguments.getFirst());
        command.addAll(List.of("--host", "127.0.0.1", "--webui-port", "0"));
        command.addAll(arguments.subList(1, arguments.size()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("SPARK_HOME", folder.resolve("home").toString());
        builder.environment().put("SPARK_SCALA_VERSION", "2.13");
        builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        processes.add(process);
        CompletableFuture<String> result = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> read(process, ready, result));
        return result;
    }

    private void read(Process process, Pattern ready, CompletableFuture<String> result) {
        try (BufferedReader reader = process.inputReader()) {
            String line = reader.readLine();
            while (line != null) {
                log.add(line);
                Matcher matcher = ready.matcher(line);
                if (matcher.find()) {
                    result.complete(matcher.group(1));
                }
                line = reader.readLine();
            }
            result.completeExceptionally(new IllegalStateException("a process has ended:\n" + String.join("\n", log)));
        } catch (IOException e) {
            result.completeExceptionally(e);
        }
    }

    /** Kills all processes. */
    @Override
    public void close() {
        for (Process process : processes) {
            Stream.concat(process.descendants(), Stream.of(process.toHandle())).forEach(ProcessHandle::destroyForcibly);
        }
        processes.forEach(process -> process.onExit().join());
    }
}
