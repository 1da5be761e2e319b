package kawi.jmh;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * One benchmark with one set of parameters, which is run in each of its tiers.
 *
 * @param method the simple name of the class and the name of the method
 * @param tiers the tiers in which it is run; empty if it has no tiers
 * @param parameters the parameters by name
 */
record Trial(String method, List<String> tiers, SortedMap<String, String> parameters) {

    String subject() {
        return JmhResult.subject(method, parameters);
    }

    boolean isReference() {
        return tiers.isEmpty();
    }

    /** Returns the available tiers in which it is run; for a benchmark without tiers, a list with the empty string. */
    List<String> tiersOf(List<String> available) {
        return isReference()
                ? List.of("")
                : tiers.stream().filter(available::contains).toList();
    }

    /**
     * Runs the benchmark in a separate JVM.
     *
     * @param tier one of {@link #tiersOf}
     * @param mode the durations of the measurements
     * @param result the file for the result of JMH
     * @param log the file for the output of JMH
     * @return the results, empty if the benchmark failed
     */
    List<JmhResult> run(String tier, Suite.Mode mode, Path result, Path log) throws RunnerException {
        boolean vectors = isReference() || tier.equals("vector");
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include("^" + (Trial.class.getPackageName() + "." + method).replace(".", "\\.") + "$")
                .forks(1)
                .warmupIterations(mode.warmups)
                .warmupTime(TimeValue.milliseconds(vectors ? mode.vectorWarmupMillis : mode.warmupMillis))
                .measurementIterations(mode.measurements)
                .measurementTime(TimeValue.milliseconds(mode.measurementMillis))
                .resultFormat(ResultFormatType.JSON)
                .result(result.toString())
                .output(log.toString());
        parameters.forEach(options::param);
        if (!isReference()) {
            options.param("tier", tier);
        }
        new Runner(options.build()).run();
        return Files.exists(result) ? JmhResult.read(result) : List.of();
    }
}
