package kawi.engine;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The memory of the machine, or of the container that this process runs in.
 *
 * <p>The management bean knows it on every system, but loading the bean takes 50 ms of processor time. On Linux, the
 * files that the bean would read are read directly, if control groups are where distributions mount them:
 *
 * <pre>
 *    /proc/meminfo                                       MemTotal, the memory of the machine
 *    /proc/self/cgroup                                   0::PATH, or N:memory:PATH
 *    /sys/fs/cgroup/PATH/memory.max                      the limit of a group in version 2
 *    /sys/fs/cgroup/memory/PATH/memory.limit_in_bytes    the same in version 1
 * </pre>
 *
 * <p>The limits of the groups above it apply as well. See cgroups(7) and the kernel's documentation of control groups.
 */
final class MachineMemory {

    private static final String TOTAL = "MemTotal:";

    private MachineMemory() {}

    /** The memory in bytes, if it is known. */
    static OptionalLong bytes() {
        OptionalLong linux = ofLinux(Path.of("/"));
        return linux.isPresent() ? linux : ofBean();
    }

    static OptionalLong ofBean() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                ? OptionalLong.of(system.getTotalMemorySize())
                : OptionalLong.empty();
    }

    /**
     * The memory according to the files of Linux; empty if they do not exist or are not understood.
     *
     * @param root the root of the file system
     */
    static OptionalLong ofLinux(Path root) {
        Path info = root.resolve("proc/meminfo");
        Path groups = root.resolve("proc/self/cgroup");
        if (!Files.exists(info) || !Files.exists(groups)) {
            return OptionalLong.empty();
        }
        try {
            long total = total(Files.readAllLines(info));
            long limit = limit(root.resolve("sys/fs/cgroup"), Files.readAllLines(groups));
            return total < 0 || limit < 0 ? OptionalLong.empty() : OptionalLong.of(Math.min(total, limit));
        } catch (IOException | NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /** The memory of the machine, or -1. */
    private static long total(List<String> lines) {
        for (String line : lines) {
            if (line.startsWith(TOTAL) && line.endsWith(" kB")) {
                String kilobytes = line.substring(TOTAL.length(), line.length() - " kB".length());
                return Math.multiplyExact(Long.parseLong(kilobytes.strip()), 1024L);
            }
        }
        return -1;
    }

    /** The limit of the groups of this process, {@code Long.MAX_VALUE} if there is none, or -1 if it is not known. */
    private static long limit(Path mount, List<String> groups) throws IOException {
        String unified = null;
        for (String line : groups) {
            String[] parts = line.split(":", 3);
            if (parts.length != 3) {
                return -1;
            }
            if (Arrays.asList(parts[1].split(",")).contains("memory")) {
                Path memory = mount.resolve("memory");
                return limit(memory, parts[2], "memory.limit_in_bytes", memory.resolve("memory.limit_in_bytes"));
            }
            if (parts[0].equals("0")) {
                unified = parts[2];
            }
        }
        return unified == null ? -1 : limit(mount, unified, "memory.max", mount.resolve("cgroup.controllers"));
    }

    /**
     * The least limit of a group and the groups above it. In a container, whose own group is mounted as the root, the
     * path may not exist; then the limit is that of the mounted group.
     *
     * @param present a file that exists if the groups are mounted here
     */
    private static long limit(Path mount, String path, String file, Path present) throws IOException {
        if (!Files.exists(present)) {
            return -1;
        }
        long limit = Long.MAX_VALUE;
        Path group = mount.resolve(path.substring(1)).normalize();
        @Nullable Path at = group.startsWith(mount) ? group : mount;
        for (; at != null && at.startsWith(mount); at = at.getParent()) {
            Path limits = at.resolve(file);
            if (Files.exists(limits)) {
                String text = Files.readString(limits).strip();
                limit = text.equals("max") ? limit : Math.min(limit, Long.parseLong(text));
            }
        }
        return limit;
    }
}
