package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineMemoryTest {

    private static final long MACHINE = 8192L << 10;

    @TempDir
    Path root;

    private void file(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private void machine(String groups) throws IOException {
        file("proc/meminfo", "MemTotal:           8192 kB\nMemFree:            4096 kB\n");
        file("proc/self/cgroup", groups);
    }

    @Test
    void isAtMostWhatTheManagementBeanSays() {
        long bytes = MachineMemory.bytes().orElseThrow();
        assertTrue(bytes > 0 && bytes <= MachineMemory.ofBean().orElseThrow(), bytes + " bytes");
    }

    @Test
    void isTheMemoryOfTheMachineWithoutLimit() throws IOException {
        machine("0::/user.slice\n");
        file("sys/fs/cgroup/cgroup.controllers", "cpu memory\n");
        file("sys/fs/cgroup/user.slice/memory.max", "max\n");
        assertEquals(OptionalLong.of(MACHINE), MachineMemory.ofLinux(root));
    }

    @Test
    void isTheLeastLimitOfAGroupAndThoseAboveIt() throws IOException {
        machine("0::/a/b\n");
        file("sys/fs/cgroup/cgroup.controllers", "memory\n");
        file("sys/fs/cgroup/a/b/memory.max", "6000000\n");
        file("sys/fs/cgroup/a/memory.max", "5000000\n");
        assertEquals(OptionalLong.of(5_000_000), MachineMemory.ofLinux(root));
    }

    @Test
    void isTheLimitOfTheMountedGroupInAContainer() throws IOException {
        machine("0::/../../host/path\n");
        file("sys/fs/cgroup/cgroup.controllers", "memory\n");
        file("sys/fs/cgroup/memory.max", "4000000\n");
        assertEquals(OptionalLong.of(4_000_000), MachineMemory.ofLinux(root));
    }

    @Test
    void isTheLimitOfVersionOneIfMemoryIsControlledThere() throws IOException {
        machine("9:name=systemd:/\n4:memory:/docker/1\n0::/\n");
        file("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        file("sys/fs/cgroup/memory/docker/1/memory.limit_in_bytes", "3000000\n");
        assertEquals(OptionalLong.of(3_000_000), MachineMemory.ofLinux(root));
    }

    @Test
    void isNotKnownWhereGroupsAreMountedElsewhere() throws IOException {
        machine("0::/a\n");
        assertEquals(OptionalLong.empty(), MachineMemory.ofLinux(root));
        machine("4:memory:/a\n");
        assertEquals(OptionalLong.empty(), MachineMemory.ofLinux(root));
    }

    @Test
    void isNotKnownOnOtherSystems() {
        assertEquals(OptionalLong.empty(), MachineMemory.ofLinux(root));
    }
}
