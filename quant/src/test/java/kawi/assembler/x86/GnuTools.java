package kawi.assembler.x86;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;

/** The assembler and the disassembler of the GNU binutils, each run once for many instructions. */
public final class GnuTools {

    /** Longer than any instruction and the byte with its length. */
    private static final int SLOT = 16;

    private static final String VERSION = findVersion();

    static final String ABSENT =
            "GNU as and objdump for x86-64 are not installed here: the encodings are compared with the recorded ones alone";

    private GnuTools() {}

    /** Whether the tools are installed, and recent enough for these instructions. */
    static boolean installed() {
        return VERSION.contains("GNU");
    }

    public static void assumeInstalled() {
        Assumptions.assumeTrue(installed(), ABSENT);
    }

    static String version() {
        return VERSION;
    }

    private static String findVersion() {
        try {
            assembleProgram(
                    ".intel_syntax noprefix\n{vex} vpdpbusd xmm0,xmm1,xmm2\nvaddps zmm1,zmm2,DWORD BCST [rax]\n");
            run("objdump", "--version");
            return new String(run("as", "--version"), StandardCharsets.UTF_8)
                    .lines()
                    .findFirst()
                    .orElse("");
        } catch (IOException e) {
            return "";
        }
    }

    /** The bytes of every line, assembled. */
    static List<byte[]> assemble(List<String> lines) throws IOException {
        StringBuilder source = new StringBuilder(".intel_syntax noprefix\n");
        for (int i = 0; i < lines.size(); i++) {
            // A slot: the length of the instruction, the instruction, zeros.
            source.append(".byte E%d-B%d\nB%d: ".formatted(i, i, i))
                    .append(lines.get(i).replace("END", "E" + i))
                    .append("\nE%d: .balign %d,0\n".formatted(i, SLOT));
        }
        byte[] slots = assembleProgram(source.toString());
        List<byte[]> codes = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            codes.add(Arrays.copyOfRange(slots, i * SLOT + 1, i * SLOT + 1 + slots[i * SLOT]));
        }
        return codes;
    }

    /** The bytes of a program. */
    public static byte[] assembleProgram(String source) throws IOException {
        Path folder = Files.createTempDirectory("kawi");
        Path text = folder.resolve("code.s");
        Path object = folder.resolve("code.o");
        Path code = folder.resolve("code.bin");
        try {
            Files.writeString(text, source);
            run("as", "--64", "-o", object.toString(), text.toString());
            run("objcopy", "-O", "binary", "-j", ".text", object.toString(), code.toString());
            return Files.readAllBytes(code);
        } finally {
            for (Path file : List.of(text, object, code, folder)) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** An instruction that the disassembler found. */
    public record Line(int offset, String text) {}

    private static final Pattern LINE = Pattern.compile(" *([0-9a-f]+):\t(.*)");

    /** The instructions of a piece of code. */
    public static List<Line> disassemble(byte[] code) throws IOException {
        Path file = Files.createTempFile("kawi", ".bin");
        try {
            Files.write(file, code);
            byte[] listing = run(
                    "objdump",
                    "-D",
                    "-b",
                    "binary",
                    "-m",
                    "i386:x86-64",
                    "-M",
                    "intel",
                    "--no-show-raw-insn",
                    file.toString());
            List<Line> lines = new ArrayList<>();
            for (String line :
                    new String(listing, StandardCharsets.UTF_8).lines().toList()) {
                Matcher matcher = LINE.matcher(line);
                if (matcher.matches()) {
                    lines.add(new Line(Integer.parseInt(matcher.group(1), 16), matcher.group(2)));
                }
            }
            return lines;
        } finally {
            Files.delete(file);
        }
    }

    private static byte[] run(String... command) throws IOException {
        Path errors = Files.createTempFile("kawi", ".txt");
        try {
            Process process =
                    new ProcessBuilder(command).redirectError(errors.toFile()).start();
            process.getOutputStream().close();
            byte[] output = process.getInputStream().readAllBytes();
            int status = process.waitFor();
            if (status != 0) {
                throw new IOException("%s ended with %d: %s"
                        .formatted(String.join(" ", command), status, start(Files.readString(errors))));
            }
            return output;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } finally {
            Files.delete(errors);
        }
    }

    private static String start(String text) {
        return text.substring(0, Math.min(text.length(), 1000));
    }
}
