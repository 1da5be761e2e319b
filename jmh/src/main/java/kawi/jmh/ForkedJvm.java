package kawi.jmh;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Another JVM like this one and like those that JMH starts: same Java, class path and options, and the flags of a
 * benchmark.
 */
final class ForkedJvm {

    private ForkedJvm() {}

    static List<String> command(String mainClass, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.add(Tiers.VECTOR_FLAG);
        command.add(Tiers.NATIVE_FLAG);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(mainClass);
        command.addAll(arguments);
        return command;
    }
}
