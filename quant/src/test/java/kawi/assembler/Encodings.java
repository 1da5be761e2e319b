package kawi.assembler;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.UnaryOperator;

/** Compares an assembler's encodings with those of the GNU tools, and with their disassembly. */
public final class Encodings {

    private Encodings() {}

    /** The other assembler gives the same bytes, for each of them. */
    public static void assertSameBytes(GnuTools tools, List<Sample> samples) throws IOException {
        List<byte[]> expected =
                tools.assemble(samples.stream().map(Sample::source).toList());
        List<String> different = new ArrayList<>();
        for (int i = 0; i < samples.size(); i++) {
            String theirs = HexFormat.of().formatHex(expected.get(i));
            String ours = HexFormat.of().formatHex(samples.get(i).encoded());
            if (!ours.equals(theirs)) {
                different.add("%s: expected %s, got %s".formatted(samples.get(i).source(), theirs, ours));
            }
        }
        assertNone(different, samples.size());
    }

    /**
     * The disassembler reads the same instructions in our bytes, one after the other.
     *
     * @param normal leaves out what may be written in two ways
     */
    public static void assertSameText(GnuTools tools, List<Sample> samples, UnaryOperator<String> normal)
            throws IOException {
        ByteArrayOutputStream code = new ByteArrayOutputStream();
        List<GnuTools.Line> expected = new ArrayList<>();
        for (Sample sample : samples) {
            expected.add(new GnuTools.Line(code.size(), sample.text()));
            code.writeBytes(sample.encoded());
        }
        List<GnuTools.Line> lines = tools.disassemble(code.toByteArray());
        assertEquals(samples.size(), lines.size(), "instructions found in the code");
        List<String> different = new ArrayList<>();
        for (int i = 0; i < samples.size(); i++) {
            String read = normal.apply(lines.get(i).text());
            if (expected.get(i).offset() != lines.get(i).offset()
                    || !read.equals(normal.apply(expected.get(i).text()))) {
                different.add("%s: read as %s".formatted(samples.get(i), lines.get(i)));
            }
        }
        assertNone(different, samples.size());
    }

    private static void assertNone(List<String> different, int all) {
        assertEquals(
                0,
                different.size(),
                () -> "of %d instructions; the first:\n%s"
                        .formatted(all, String.join("\n", different.subList(0, Math.min(20, different.size())))));
    }
}
