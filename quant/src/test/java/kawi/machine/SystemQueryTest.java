package kawi.machine;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SystemQueryTest {

    @SuppressWarnings("restricted") // the address of an argument
    private static MemorySegment at(long address, long bytes) {
        return MemorySegment.ofAddress(address).reinterpret(bytes);
    }

    /** {@code sysctlbyname} of a system with these settings. */
    private static long setting(Map<String, byte[]> settings, long[] arguments) {
        byte[] value = settings.get(at(arguments[0], 100).getString(0));
        MemorySegment bytes = at(arguments[2], JAVA_LONG.byteSize());
        if (value == null || value.length > bytes.get(JAVA_LONG, 0) || arguments[3] != 0 || arguments[4] != 0) {
            return 0xffff_ffffL;
        }
        MemorySegment.copy(value, 0, at(arguments[1], value.length), JAVA_BYTE, 0, value.length);
        bytes.set(JAVA_LONG, 0, value.length);
        return 0xabcd_0000_0000L;
    }

    @Test
    void settingsOfMacAreIntegersOrText() {
        byte[] endless = new byte[256];
        Arrays.fill(endless, (byte) 'x');
        Map<String, byte[]> settings = Map.of(
                "one", new byte[] {1, 0, 0, 0},
                "zero", new byte[] {0, 0, 0, 0},
                "wide", new byte[] {1, 0, 0, 0, 0, 0, 0, 0},
                "name", "Apple M2\0".getBytes(StandardCharsets.UTF_8),
                "endless", endless,
                "empty", new byte[] {0});
        try (Arena arena = Arena.ofConfined()) {
            SystemQuery system = new SystemQuery(new RecordedFunctions(arena, 16_384)
                    .answer("sysctlbyname", arguments -> setting(settings, arguments)));
            assertTrue(system.setting("one"));
            assertFalse(system.setting("zero"));
            assertFalse(system.setting("wide"));
            assertFalse(system.setting("none"));
            assertEquals(Optional.of("Apple M2"), system.text("name"));
            assertEquals(Optional.of("x".repeat(256)), system.text("endless"));
            assertEquals(Optional.empty(), system.text("empty"));
            assertEquals(Optional.empty(), system.text("none"));
        }
    }

    @Test
    void featuresOfWindowsAreNumbers() {
        try (Arena arena = Arena.ofConfined()) {
            SystemQuery system = new SystemQuery(new RecordedFunctions(arena, 4096)
                    .answer("IsProcessorFeaturePresent", arguments -> arguments[0] == 43 ? 1 : 0xf_0000_0000L));
            assertTrue(system.processorFeature(43));
            assertFalse(system.processorFeature(66));
        }
    }

    /** AT_PAGESZ, key 6, is the size of a page; there is no key 1000. */
    @Test
    void theAuxiliaryVectorOfLinuxHasTheSizeOfAPage() {
        assumeTrue(OperatingSystem.here() == OperatingSystem.LINUX, "only Linux has an auxiliary vector");
        assertEquals(OsMemory.pageBytes(), SystemQuery.here().auxiliaryValue(6));
        assertNotEquals(0, SystemQuery.here().auxiliaryValue(16));
        assertEquals(0, SystemQuery.here().auxiliaryValue(1000));
    }

    @Test
    void systemsAreRecognizedByTheirNames() {
        assertEquals(OperatingSystem.LINUX, OperatingSystem.named("Linux"));
        assertEquals(OperatingSystem.MAC, OperatingSystem.named("Mac OS X"));
        assertEquals(OperatingSystem.WINDOWS, OperatingSystem.named("Windows 11"));
        assertEquals(OperatingSystem.POSIX, OperatingSystem.named("FreeBSD"));
    }
}
