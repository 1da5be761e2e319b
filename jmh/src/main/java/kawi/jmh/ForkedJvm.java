package kawi.jmh;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts JVMs in the same way as JMH: with the same JDK, class path and options as this JVM, and with the flags of a
 * benchmark.
 */
final class ForkedJvm {

    private ForkedJvm() {}

    /** @param flags further flags of the JVM, which override those of this one */
    static List<String> command(List<String> flags, String mainClass, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.add(Tiers.VECTOR_FLAG);
        command.add(Tiers.NATIVE_FLAG);
        command.addAll(flags);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(mainClass);
        command.addAll(arguments);
        return command;
    }
}
