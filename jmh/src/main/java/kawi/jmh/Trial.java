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
 * One benchmark with one set of parameters, to be run in each of its tiers.
 *
 * @param method class and method
 * @param tiers which tiers say something about it; none if it has no tier
 */
record Trial(String method, List<String> tiers, SortedMap<String, String> parameters) {

    String subject() {
        return JmhResult.subject(method, parameters);
    }

    boolean isYardstick() {
        return tiers.isEmpty();
    }

    /** The tiers to run it in; a benchmark without tiers has the one called nothing. */
    List<String> tiersOf(List<String> available) {
        return isYardstick()
                ? List.of("")
                : tiers.stream().filter(available::contains).toList();
    }

    /**
     * Runs it in a JVM of its own.
     *
     * @param tier one of {@link #tiersOf}
     * @param result receives JMH's result
     * @param log receives what JMH has to say
     * @return what was measured; nothing if it failed
     */
    List<JmhResult> run(String tier, Suite.Mode mode, Path result, Path log) throws RunnerException {
        boolean vectors = isYardstick() || tier.equals("vector");
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
        if (!isYardstick()) {
            options.param("tier", tier);
        }
        new Runner(options.build()).run();
        return Files.exists(result) ? JmhResult.read(result) : List.of();
    }
}
