package kawi.assembler;

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

/** Compares encodings with those in the resource {@value #FILE} beside a test, and writes such a file. */
public final class RecordedEncodings {

    private static final String FILE = "encodings.txt";

    private RecordedEncodings() {}

    public static void assertRecorded(Class<?> test, List<Sample> samples) throws IOException {
        Map<String, String> recorded = recorded(test);
        List<String> different = new ArrayList<>();
        for (Sample sample : samples) {
            String expected = recorded.get(sample.source());
            String encoded = HexFormat.of().formatHex(sample.encoded());
            if (expected == null) {
                different.add("%s is not recorded in %s (the comment of %s says how to)"
                        .formatted(sample.source(), FILE, test.getSimpleName()));
            } else if (!expected.equals(encoded)) {
                different.add("%s: expected %s, got %s".formatted(sample.source(), expected, encoded));
            }
        }
        assertEquals(List.of(), different);
    }

    private static Map<String, String> recorded(Class<?> test) throws IOException {
        Map<String, String> recorded = new HashMap<>();
        try (var stream = test.getResourceAsStream(FILE)) {
            if (stream == null) {
                throw new IOException(FILE + " is missing beside " + test.getSimpleName());
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

    /** Writes what the GNU assembler makes of the samples' texts. */
    public static void record(GnuTools tools, List<Sample> samples, Path file) throws IOException {
        tools.assumeInstalled();
        List<String> sources = samples.stream().map(Sample::source).distinct().toList();
        List<byte[]> codes = tools.assemble(sources);
        StringBuilder text = new StringBuilder("""
                # Instructions and their bytes as %s
                # encoded them on %s; recorded by RecordedEncodingTest, whose comment says how.
                # One line: the bytes in hex, the instruction; END is the place behind it.
                """.formatted(tools.version(), LocalDate.now(ZoneOffset.UTC)));
        for (int i = 0; i < sources.size(); i++) {
            text.append(HexFormat.of().formatHex(codes.get(i)))
                    .append(' ')
                    .append(sources.get(i))
                    .append('\n');
        }
        Files.writeString(file, text);
    }
}
