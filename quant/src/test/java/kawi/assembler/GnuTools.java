package kawi.assembler;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;

/** The assembler and the disassembler of the GNU binutils for a CPU, each run once for many instructions. */
public final class GnuTools {

    public static final GnuTools X86_64 = new GnuTools(
            "x86-64",
            List.of("", "x86_64-linux-gnu-"),
            ".intel_syntax noprefix\n",
            "{vex} vpdpbusd xmm0,xmm1,xmm2\nvaddps zmm1,zmm2,DWORD BCST [rax]\n",
            List.of("--64"),
            List.of("-m", "i386:x86-64", "-M", "intel"));

    public static final GnuTools AARCH64 = new GnuTools(
            "AArch64",
            List.of("aarch64-linux-gnu-", ""),
            ".arch armv8.2-a+dotprod+i8mm\n",
            "smmla v0.4s,v1.16b,v2.16b\n",
            List.of(),
            List.of("-m", "aarch64"));

    /** A length in 4 bytes, and longer than any sample. */
    private static final int SLOT = 32;

    private final String cpu;
    private final String header;
    private final List<String> assemblerOptions;
    private final List<String> disassemblerOptions;
    private final String prefix;
    private final String version;

    /**
     * @param prefixes what the names of the tools may begin with
     * @param header begins each source text
     * @param probe instructions that old versions do not know
     */
    private GnuTools(
            String cpu,
            List<String> prefixes,
            String header,
            String probe,
            List<String> assemblerOptions,
            List<String> disassemblerOptions) {
        this.cpu = cpu;
        this.header = header;
        this.assemblerOptions = assemblerOptions;
        this.disassemblerOptions = disassemblerOptions;
        String foundPrefix = "";
        String foundVersion = "";
        for (String candidate : prefixes) {
            if (foundVersion.isEmpty()) {
                foundPrefix = candidate;
                foundVersion = version(candidate, header + probe);
            }
        }
        prefix = foundPrefix;
        version = foundVersion;
    }

    /** Whether the tools are installed, and recent enough for these instructions. */
    public boolean installed() {
        return version.contains("GNU");
    }

    /** What a skipped test gives as its reason. */
    public String absent() {
        return ("GNU as and objdump for %s are not installed here: the encodings are compared with the recorded ones"
                        + " alone")
                .formatted(cpu);
    }

    public void assumeInstalled() {
        Assumptions.assumeTrue(installed(), absent());
    }

    String version() {
        return version;
    }

    private String version(String candidate, String probe) {
        try {
            assemble(candidate, probe);
            run(candidate + "objdump", "--version");
            return new String(run(candidate + "as", "--version"), StandardCharsets.UTF_8)
                    .lines()
                    .findFirst()
                    .orElse("");
        } catch (IOException e) {
            return "";
        }
    }

    /** The bytes of every line, assembled. */
    List<byte[]> assemble(List<String> lines) throws IOException {
        StringBuilder source = new StringBuilder();
        for (int i = 0; i < lines.size(); i++) {
            // A slot: the length of the instruction, the instruction, zeros.
            source.append(".long E%d-B%d\nB%d: ".formatted(i, i, i))
                    .append(lines.get(i).replace("END", "E" + i))
                    .append("\nE%d: .balign %d,0\n".formatted(i, SLOT));
        }
        ByteBuffer slots = ByteBuffer.wrap(assembleProgram(source.toString())).order(ByteOrder.LITTLE_ENDIAN);
        List<byte[]> codes = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            int start = i * SLOT + Integer.BYTES;
            codes.add(Arrays.copyOfRange(slots.array(), start, start + slots.getInt(i * SLOT)));
        }
        return codes;
    }

    /** The bytes of a program. */
    public byte[] assembleProgram(String source) throws IOException {
        return assemble(prefix, header + source);
    }

    private byte[] assemble(String candidate, String source) throws IOException {
        Path folder = Files.createTempDirectory("kawi");
        Path text = folder.resolve("code.s");
        Path object = folder.resolve("code.o");
        Path code = folder.resolve("code.bin");
        try {
            Files.writeString(text, source);
            List<String> command = new ArrayList<>(List.of(candidate + "as"));
            command.addAll(assemblerOptions);
            command.addAll(List.of("-o", object.toString(), text.toString()));
            run(command.toArray(String[]::new));
            run(candidate + "objcopy", "-O", "binary", "-j", ".text", object.toString(), code.toString());
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
    public List<Line> disassemble(byte[] code) throws IOException {
        Path file = Files.createTempFile("kawi", ".bin");
        try {
            Files.write(file, code);
            List<String> command =
                    new ArrayList<>(List.of(prefix + "objdump", "-D", "-z", "-b", "binary", "--no-show-raw-insn"));
            command.addAll(disassemblerOptions);
            command.add(file.toString());
            byte[] listing = run(command.toArray(String[]::new));
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
