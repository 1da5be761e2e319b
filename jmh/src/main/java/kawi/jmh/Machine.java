package kawi.jmh;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The kind of this machine: the properties on which ratios depend, and none that identify an individual machine. */
final class Machine {

    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    private Machine() {}

    /** The kind of this machine, such as {@code amd64, AuthenticAMD family 26 model 2}. */
    static String kind() {
        String architecture = System.getProperty("os.arch");
        if (Files.isReadable(CPU_INFO)) {
            try {
                return architecture + processor(Files.readString(CPU_INFO, StandardCharsets.UTF_8));
            } catch (IOException e) {
                return architecture;
            }
        }
        String windows = System.getenv("PROCESSOR_IDENTIFIER");
        return windows == null ? architecture : architecture + ", " + windows;
    }

    /**
     * A comma and the description of the first processor in {@code /proc/cpuinfo}, or the empty string if there is
     * none.
     */
    static String processor(String cpuInfo) {
        Map<String, String> fields = new HashMap<>();
        cpuInfo.lines()
                .map(line -> line.split(":", 2))
                .filter(pair -> pair.length == 2)
                .forEach(pair -> fields.putIfAbsent(pair[0].strip(), pair[1].strip()));
        if (fields.containsKey("vendor_id")) {
            return ", %s family %s model %s"
                    .formatted(fields.get("vendor_id"), fields.get("cpu family"), fields.get("model"));
        }
        if (fields.containsKey("CPU implementer")) {
            return ", implementer %s part %s".formatted(fields.get("CPU implementer"), fields.get("CPU part"));
        }
        return "";
    }

    /** The version of this JDK, such as {@code 25.0.3+9-LTS}. */
    static String jdk() {
        return Runtime.version().toString();
    }
}
