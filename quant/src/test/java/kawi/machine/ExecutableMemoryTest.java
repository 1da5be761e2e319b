package kawi.machine;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The calls by which the systems make code executable, in their order, on functions that only record them. */
class ExecutableMemoryTest {

    private static final byte[] CODE = {(byte) 0xc0, 0x03, 0x5f, (byte) 0xd6};
    private static final String UNSIGNED_MEMORY = "com.apple.security.cs.allow-unsigned-executable-memory";
    private static final String NO_PROTECTION = "com.apple.security.cs.disable-executable-page-protection";

    private static final int TASK = 1;
    private static final int TRUE = 2;
    private static final int FALSE = 3;
    private static final int FIRST_STRING = 100;

    /** Makes the code executable, and checks that its bytes are there before the protection changes. */
    private static void makeExecutable(RecordedFunctions functions, Os os, String protect) {
        boolean[] written = new boolean[1];
        functions.answer(protect, _ -> {
            byte[] there = functions.memory().asSlice(0, CODE.length).toArray(JAVA_BYTE);
            written[0] = Arrays.equals(CODE, there);
            return protect.equals("VirtualProtect") ? 1 : 0;
        });
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment code = OsMemory.executable(os, arena, CODE);
            assertEquals(functions.memory().address(), code.address());
            assertEquals(functions.memory().byteSize(), code.byteSize());
        }
        assertArrayEquals(new boolean[] {true}, written);
    }

    @Test
    void linuxSynchronizesTheProcessorsOfAArch64() {
        try (Arena arena = Arena.ofConfined()) {
            RecordedFunctions functions = new RecordedFunctions(arena, 65_536);
            makeExecutable(functions, new LinuxOs(functions, true), "mprotect");
            assertEquals(
                    List.of(
                            "getpagesize()",
                            "syscall(11b, 40, 0)",
                            "mmap(0, 10000, 3, 22, ffffffffffffffff, 0)",
                            "mprotect(memory, 10000, 5)",
                            "syscall(11b, 20, 0)",
                            "munmap(memory, 10000)"),
                    functions.calls());
        }
    }

    /** The call returns -1 on kernels before 4.16 and where a filter of calls forbids it. */
    @Test
    void linuxWithoutTheBarrierReliesOnTheChangeOfProtection() {
        try (Arena arena = Arena.ofConfined()) {
            RecordedFunctions functions = new RecordedFunctions(arena, 4096).answer("syscall", _ -> 0xffff_ffffL);
            makeExecutable(functions, new LinuxOs(functions, true), "mprotect");
            assertEquals(
                    List.of(
                            "getpagesize()",
                            "syscall(11b, 40, 0)",
                            "mmap(0, 1000, 3, 22, ffffffffffffffff, 0)",
                            "mprotect(memory, 1000, 5)",
                            "munmap(memory, 1000)"),
                    functions.calls());
        }
    }

    @Test
    void linuxOnOtherProcessorsOnlyChangesTheProtection() {
        try (Arena arena = Arena.ofConfined()) {
            RecordedFunctions functions = new RecordedFunctions(arena, 4096);
            makeExecutable(functions, new LinuxOs(functions, false), "mprotect");
            assertEquals(
                    List.of(
                            "getpagesize()",
                            "mmap(0, 1000, 3, 22, ffffffffffffffff, 0)",
                            "mprotect(memory, 1000, 5)",
                            "munmap(memory, 1000)"),
                    functions.calls());
        }
    }

    @Test
    void aRefusalIsASentenceAndGivesTheMemoryBack() {
        try (Arena arena = Arena.ofConfined()) {
            // The upper half of a result of type int is not defined.
            RecordedFunctions functions = new RecordedFunctions(arena, 4096).answer("mprotect", _ -> 0xffff_ffffL);
            Os os = new LinuxOs(functions, true);
            try (Arena code = Arena.ofConfined()) {
                var refused =
                        assertThrows(UnsupportedOperationException.class, () -> OsMemory.executable(os, code, CODE));
                assertEquals("the system does not permit executable memory", refused.getMessage());
            }
            assertEquals("munmap(memory, 1000)", functions.calls().getLast());
        }
    }

    @Test
    void windowsFlushesTheInstructionCache() {
        try (Arena arena = Arena.ofConfined()) {
            RecordedFunctions functions = new RecordedFunctions(arena, 4096);
            makeExecutable(functions, new WindowsOs(functions), "VirtualProtect");
            List<String> calls = functions.calls();
            assertEquals("VirtualAlloc(0, 1000, 3000, 4)", calls.getFirst());
            assertEquals("VirtualProtect(memory, 1000, 20, ", calls.get(1).replaceFirst("\\p{XDigit}+\\)$", ""));
            assertEquals(
                    List.of("FlushInstructionCache(ffffffffffffffff, memory, 1000)", "VirtualFree(memory, 0, 8000)"),
                    calls.subList(2, calls.size()));
        }
    }

    /** macOS with a program that has a status and entitlements. */
    @SuppressWarnings("restricted") // the address of a name
    private static RecordedFunctions mac(Arena arena, int status, Map<String, Integer> entitlements) {
        Map<Long, String> strings = new HashMap<>();
        return new RecordedFunctions(arena, 16_384)
                .answer("SecTaskCreateFromSelf", _ -> TASK)
                .answer("SecTaskGetCodeSignStatus", _ -> status)
                .answer("CFStringCreateWithCString", arguments -> {
                    String name = MemorySegment.ofAddress(arguments[1])
                            .reinterpret(100)
                            .getString(0);
                    long string = FIRST_STRING + (long) strings.size();
                    strings.put(string, name);
                    return string;
                })
                .answer(
                        "SecTaskCopyValueForEntitlement",
                        arguments -> entitlements.getOrDefault(strings.get(arguments[1]), 0))
                .answer("CFBooleanGetValue", arguments -> arguments[0] == TRUE ? 0xff01 : 0xff00);
    }

    @Test
    void macInvalidatesTheInstructionCacheAfterTheChangeOfProtection() {
        try (Arena arena = Arena.ofConfined()) {
            RecordedFunctions functions = mac(arena, 0, Map.of());
            Os os = new MacOs(functions);
            makeExecutable(functions, os, "mprotect");
            assertEquals(
                    List.of(
                            "getpagesize()",
                            "mmap(0, 4000, 3, 1002, ffffffffffffffff, 0)",
                            "SecTaskCreateFromSelf(0)",
                            "SecTaskGetCodeSignStatus(1)",
                            "CFRelease(1)",
                            "mprotect(memory, 4000, 5)",
                            "sys_icache_invalidate(memory, 4000)",
                            "munmap(memory, 4000)"),
                    functions.calls());
            functions.calls().clear();
            makeExecutable(functions, os, "mprotect");
            assertEquals(
                    List.of(
                            "mmap(0, 4000, 3, 1002, ffffffffffffffff, 0)",
                            "mprotect(memory, 4000, 5)",
                            "sys_icache_invalidate(memory, 4000)",
                            "munmap(memory, 4000)"),
                    functions.calls());
        }
    }

    @Test
    void macWithTheHardenedRuntimeNeedsAnEntitlement() {
        for (String entitlement : List.of(UNSIGNED_MEMORY, NO_PROTECTION)) {
            try (Arena arena = Arena.ofConfined()) {
                RecordedFunctions functions = mac(arena, 0x10000, Map.of(entitlement, TRUE));
                makeExecutable(functions, new MacOs(functions), "mprotect");
            }
        }
    }

    @Test
    void macWithTheHardenedRuntimeAloneIsNotTried() {
        Map<String, Integer> others = Map.of("com.apple.security.cs.allow-jit", TRUE, UNSIGNED_MEMORY, FALSE);
        try (Arena arena = Arena.ofConfined();
                Arena code = Arena.ofConfined()) {
            RecordedFunctions functions = mac(arena, 0x22010000, others);
            Os os = new MacOs(functions);
            var refused = assertThrows(UnsupportedOperationException.class, () -> OsMemory.executable(os, code, CODE));
            assertEquals(
                    "the program that runs this JVM is signed for the hardened runtime without the entitlement "
                            + UNSIGNED_MEMORY,
                    refused.getMessage());
            assertEquals(
                    List.of(),
                    functions.calls().stream()
                            .filter(call -> call.startsWith("mprotect"))
                            .toList());
            assertEquals(
                    List.of("CFRelease(3)", "CFRelease(64)", "CFRelease(65)", "CFRelease(1)"),
                    functions.calls().stream()
                            .filter(call -> call.startsWith("CFRelease"))
                            .toList());
        }
    }

    /** The memory of this system, with the size of page that it has. */
    @Test
    void memoryBeginsAtAPage() {
        try (Arena arena = Arena.ofConfined()) {
            long page = OsMemory.pageBytes();
            assertEquals(1, Long.bitCount(page));
            assertEquals(0, OsMemory.allocate(arena, 1).address() % page);
            MemorySegment two = OsMemory.allocate(arena, 2 * page);
            OsMemory.guard(two.asSlice(page, page));
            two.set(JAVA_BYTE, page - 1, (byte) 1);
            assertEquals(1, two.get(JAVA_BYTE, page - 1));
        }
    }
}
