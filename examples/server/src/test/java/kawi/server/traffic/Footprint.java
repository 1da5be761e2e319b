package kawi.server.traffic;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What this process occupies when nothing happens in it. Values that the system does not tell are 0.
 *
 * @param heap bytes of live objects
 * @param buffers bytes of direct and mapped buffers
 * @param resident bytes of physical memory
 * @param threads platform threads
 * @param handles open files and sockets
 */
record Footprint(long heap, long buffers, long resident, int threads, int handles) {

    private static final int COLLECTIONS = 3;
    private static final long MIB = 1 << 20;

    static Footprint measure() throws IOException {
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc(); // what a first one makes unreachable, a second one frees
        }
        return new Footprint(
                ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                        .mapToLong(BufferPoolMXBean::getMemoryUsed)
                        .sum(),
                residentNow(),
                ManagementFactory.getThreadMXBean().getThreadCount(),
                handlesNow());
    }

    private static long residentNow() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElse(0);
        }
    }

    private static int handlesNow() throws IOException {
        Path folder = Path.of("/proc/self/fd");
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(folder)) {
            return (int) files.count();
        }
    }

    /** Returns what has grown since an earlier measurement by more than varies from one to the next. */
    List<String> growth(Footprint before) {
        List<String> grown = new ArrayList<>();
        if (heap > before.heap + 16 * MIB) {
            grown.add("heap");
        }
        if (buffers > before.buffers + 4 * MIB) {
            grown.add("buffers");
        }
        if (resident > before.resident + 160 * MIB) {
            grown.add("resident");
        }
        if (threads > before.threads + 4) {
            grown.add("threads");
        }
        if (handles > before.handles + 4) {
            grown.add("handles");
        }
        return grown;
    }

    @Override
    public String toString() {
        return "heap %.1f MiB, buffers %.1f MiB, resident %.0f MiB, %d threads, %d handles"
                .formatted(heap / 1048576.0, buffers / 1048576.0, resident / 1048576.0, threads, handles);
    }
}
