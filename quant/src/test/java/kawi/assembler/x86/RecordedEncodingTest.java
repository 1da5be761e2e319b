package kawi.assembler.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The main forms of every instruction against bytes that the GNU assembler gave once, for the machines that do not have
 * it.
 *
 * <p>A new instruction needs new bytes; to record them all again, in this module's folder of the sources:
 * {@code mvn test -Dtest=RecordedEncodingTest
 * -Dkawi.test.record=src/test/resources/kawi/assembler/x86/encodings.txt}, and look at what has changed.
 */
class RecordedEncodingTest {

    private static final String FILE = "encodings.txt";

    @Test
    void theMainFormsHaveTheRecordedBytes() throws IOException {
        Map<String, String> recorded = recorded();
        List<String> different = new ArrayList<>();
        for (Sample sample : samples()) {
            String expected = recorded.get(sample.source());
            String encoded = HexFormat.of().formatHex(sample.encoded());
            if (expected == null) {
                different.add(
                        "%s is not recorded in %s (the class comment says how to)".formatted(sample.source(), FILE));
            } else if (!expected.equals(encoded)) {
                different.add("%s: expected %s, got %s".formatted(sample.source(), expected, encoded));
            }
        }
        assertEquals(List.of(), different);
    }

    @Test
    @EnabledIfSystemProperty(named = "kawi.test.record", matches = ".+")
    void record() throws IOException {
        GnuTools.assumeInstalled();
        List<String> sources = samples().stream().map(Sample::source).distinct().toList();
        List<byte[]> codes = GnuTools.assemble(sources);
        StringBuilder text = new StringBuilder("""
                # Instructions and their bytes as %s
                # encoded them (as --64) on %s; recorded by RecordedEncodingTest, whose comment says how.
                # One line: the bytes in hex, the instruction; END is the place behind it.
                """.formatted(GnuTools.version(), LocalDate.now(ZoneOffset.UTC)));
        for (int i = 0; i < sources.size(); i++) {
            text.append(HexFormat.of().formatHex(codes.get(i)))
                    .append(' ')
                    .append(sources.get(i))
                    .append('\n');
        }
        Files.writeString(Path.of(System.getProperty("kawi.test.record")), text);
    }

    /**
     * Each instruction's are independent of the others', so that a new one leaves the lines of the old ones as they
     * are.
     */
    private static List<Sample> samples() {
        List<Sample> samples = new ArrayList<>(GeneralForms.main());
        for (VectorOp op : VectorOp.values()) {
            List<Sample> all = VectorForms.of(op)
                    .samples(VectorForms.random(new Random(op.name().hashCode())));
            // All without a mask, every fourth with one.
            for (int i = 0; i < all.size(); i++) {
                if (i % 4 == 0 || !all.get(i).text().contains("{k")) {
                    samples.add(all.get(i));
                }
            }
        }
        return samples;
    }

    private static Map<String, String> recorded() throws IOException {
        Map<String, String> recorded = new HashMap<>();
        try (var stream = RecordedEncodingTest.class.getResourceAsStream(FILE)) {
            if (stream == null) {
                throw new IOException(FILE + " is missing");
            }
            var reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
            for (String line : reader.lines().toList()) {
                if (!line.startsWith("#")) {
                    int space = line.indexOf(' ');
                    recorded.put(line.substring(space + 1), line.substring(0, space));
                }
            }
        }
        return recorded;
    }
}
