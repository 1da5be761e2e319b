package kawi.cli;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A pseudo terminal of the operating system, for processes; its other side shows their output and types their input.
 */
@SuppressWarnings("restricted")
final class PseudoTerminal implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int READ_WRITE_WITHOUT_CONTROL = 2 | 0x100;

    private final int descriptor;
    private final File device;
    private final Screen screen;
    private final ByteArrayOutputStream raw = new ByteArrayOutputStream();
    private volatile boolean closed;

    PseudoTerminal(int columns) throws Exception {
        assumeTrue(
                System.getProperty("os.name").equals("Linux") && Files.exists(Path.of("/dev/ptmx")),
                "there are no pseudo terminals here");
        descriptor = (int) call("posix_openpt", JAVA_INT, READ_WRITE_WITHOUT_CONTROL);
        assumeTrue(descriptor >= 0, "there are no pseudo terminals here");
        call("grantpt", JAVA_INT, descriptor);
        call("unlockpt", JAVA_INT, descriptor);
        device = new File(((MemorySegment) call("ptsname", ADDRESS, descriptor))
                .reinterpret(64)
                .getString(0));
        new ProcessBuilder("stty", "cols", String.valueOf(columns), "rows", "24")
                .redirectInput(device)
                .start()
                .waitFor();
        screen = new Screen(columns);
        Thread.ofPlatform().daemon().start(this::read);
    }

    private static Object call(String function, MemoryLayout result, Object... arguments) {
        MemoryLayout[] layouts = new MemoryLayout[arguments.length];
        for (int i = 0; i < layouts.length; i++) {
            layouts[i] =
                    arguments[i] instanceof Integer ? JAVA_INT : arguments[i] instanceof Long ? JAVA_LONG : ADDRESS;
        }
        Linker linker = Linker.nativeLinker();
        MethodHandle handle = linker.downcallHandle(
                linker.defaultLookup().find(function).orElseThrow(), FunctionDescriptor.of(result, layouts));
        try {
            return handle.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private void read() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(4096);
            while (!closed) {
                long count = (long) call("read", JAVA_LONG, descriptor, buffer, buffer.byteSize());
                if (count <= 0) { // no process has opened the terminal yet, or any more
                    Thread.sleep(1);
                    continue;
                }
                byte[] bytes = buffer.asSlice(0, count).toArray(JAVA_BYTE);
                synchronized (raw) {
                    raw.writeBytes(bytes);
                    for (byte b : bytes) {
                        screen.write(b);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The name of the terminal, for the streams of a process. */
    File device() {
        return device;
    }

    Screen screen() {
        return screen;
    }

    String raw() {
        synchronized (raw) {
            return raw.toString(StandardCharsets.UTF_8);
        }
    }

    void type(String keys) {
        try (Arena arena = Arena.ofConfined()) {
            byte[] bytes = keys.getBytes(StandardCharsets.UTF_8);
            MemorySegment text = arena.allocateFrom(JAVA_BYTE, bytes);
            call("write", JAVA_LONG, descriptor, text, (long) bytes.length);
        }
    }

    /** Waits until the output contains a text after a position, and returns the position behind it. */
    int await(String text, int from) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            int at = raw().indexOf(text, from);
            if (at >= 0) {
                return at + text.length();
            }
            Thread.sleep(5);
        }
        throw new AssertionError("\"%s\" did not appear in: %s".formatted(text, raw()));
    }

    /** Starts a process of the command on this terminal. */
    Process start(Object... args) throws IOException {
        ProcessBuilder builder = ChildCli.builder(args)
                .redirectInput(device)
                .redirectOutput(device)
                .redirectError(device);
        builder.environment().put("TERM", "xterm-256color");
        return builder.start();
    }

    @Override
    public void close() {
        closed = true;
        call("close", JAVA_INT, descriptor);
    }
}
