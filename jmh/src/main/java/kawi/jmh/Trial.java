package kawi.jmh;

import java.io.IOException;
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
 * One benchmark with one set of parameters, to be run in every tier.
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

    /**
     * Runs it, in a JVM of its own for each tier.
     *
     * @param available the tiers that can be had here
     * @param result receives JMH's result
     * @param log receives what JMH has to say
     * @return what was measured; a tier that failed is not among it
     */
    List<JmhResult> run(List<String> available, Suite.Mode mode, Path result, Path log)
            throws IOException, RunnerException {
        List<String> measured = tiers.stream().filter(available::contains).toList();
        if (!isYardstick() && measured.isEmpty()) {
            return List.of();
        }
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include("^" + (Trial.class.getPackageName() + "." + method).replace(".", "\\.") + "$")
                .forks(1)
                .warmupIterations(mode.warmups)
                .warmupTime(TimeValue.milliseconds(mode.warmupMillis))
                .measurementIterations(mode.measurements)
                .measurementTime(TimeValue.milliseconds(mode.measurementMillis))
                .resultFormat(ResultFormatType.JSON)
                .result(result.toString())
                .output(log.toString());
        parameters.forEach(options::param);
        if (!isYardstick()) {
            options.param("tier", measured.toArray(String[]::new));
        }
        new Runner(options.build()).run();
        return Files.exists(result) ? JmhResult.read(result) : List.of();
    }
}
