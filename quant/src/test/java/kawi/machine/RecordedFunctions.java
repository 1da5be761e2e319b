package kawi.machine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * Functions of a system that is not here: calls are recorded, and answered with 0 or what the test has determined.
 * Memory is that of an arena, so that it can be written.
 */
final class RecordedFunctions implements NativeFunctions {

    private final Map<String, ToLongFunction<long[]>> answers = new HashMap<>();
    private final List<String> calls = new ArrayList<>();
    private final MemorySegment memory;

    /** @param pageBytes bytes per page of this system, and of its memory */
    RecordedFunctions(Arena arena, long pageBytes) {
        memory = arena.allocate(pageBytes, pageBytes);
        answer("getpagesize", _ -> pageBytes);
        answer("mmap", _ -> memory.address());
        answer("VirtualAlloc", _ -> memory.address());
        answer("VirtualProtect", _ -> 1);
    }

    RecordedFunctions answer(String name, ToLongFunction<long[]> answer) {
        answers.put(name, answer);
        return this;
    }

    /** The memory that is given to callers, of one page. */
    MemorySegment memory() {
        return memory;
    }

    /** The calls until now in their order, with arguments in hexadecimal form, the address of the memory as "memory". */
    List<String> calls() {
        return calls;
    }

    @Override
    public boolean has(String name) {
        return true;
    }

    @Override
    public long call(String name, long... arguments) {
        calls.add(Arrays.stream(arguments)
                .mapToObj(argument -> argument == memory.address() ? "memory" : Long.toHexString(argument))
                .collect(Collectors.joining(", ", name + "(", ")")));
        return answers.getOrDefault(name, _ -> 0).applyAsLong(arguments);
    }
}
