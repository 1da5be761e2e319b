package kawi.machine;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The functions of this system: those of the C library, and of libraries that are named. */
final class SystemFunctions implements NativeFunctions {

    private static final int ARGUMENTS = 6;

    private final SymbolLookup lookup;
    private final Map<String, Optional<MemorySegment>> found = new ConcurrentHashMap<>();

    /**
     * @param libraries further libraries, by name or path; one that does not exist is ignored
     */
    @SuppressWarnings("restricted") // these functions are not in the default lookup
    SystemFunctions(String... libraries) {
        NativeCall.check();
        SymbolLookup all = Linker.nativeLinker().defaultLookup();
        for (String library : libraries) {
            try {
                all = all.or(SymbolLookup.libraryLookup(library, Arena.global()));
            } catch (IllegalArgumentException missing) {
                // A call of one of its functions will report this.
            }
        }
        this.lookup = all;
    }

    private Optional<MemorySegment> find(String name) {
        return found.computeIfAbsent(name, lookup::find);
    }

    @Override
    public boolean has(String name) {
        return find(name).isPresent();
    }

    @Override
    public long call(String name, long... arguments) {
        MemorySegment function = find(name)
                .orElseThrow(() -> new UnsupportedOperationException("the libraries of this system have no " + name));
        long[] all = new long[ARGUMENTS];
        System.arraycopy(arguments, 0, all, 0, arguments.length);
        return NativeCall.call(function, all[0], all[1], all[2], all[3], all[4], all[5]);
    }
}
