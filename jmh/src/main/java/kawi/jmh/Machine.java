package kawi.jmh;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Which kind of machine this is: what decides how figures relate to one another, and nothing that tells one machine
 * from its twin.
 */
final class Machine {

    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    private Machine() {}

    /** Such as {@code amd64, AuthenticAMD family 26 model 2}. */
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

    /** What Linux tells about the first processor, after a comma; nothing where it tells nothing. */
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

    /** Such as {@code 25.0.3+9-LTS}. */
    static String jdk() {
        return Runtime.version().toString();
    }
}
