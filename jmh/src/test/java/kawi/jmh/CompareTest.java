package kawi.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The command without measurements. */
class CompareTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int compare(String... arguments) {
        return Compare.execute(
                arguments,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    @Test
    void rejectsInvalidArguments() {
        for (List<String> arguments : List.of(
                List.of("--fast"),
                List.of("--only"),
                List.of("--tier", "assembly"),
                List.of("--quick", "--full"),
                List.of("--baseline"))) {
            assertEquals(Compare.FAILED, compare(arguments.toArray(String[]::new)), arguments.toString());
        }
        assertTrue(err.toString(StandardCharsets.UTF_8).contains("unknown option \"--fast\""));
        assertTrue(err.toString(StandardCharsets.UTF_8)
                .contains("no tier \"assembly\"; the tiers are scalar, vector, assembled"));
    }

    @Test
    void helpIsNotAFailure() {
        assertEquals(Compare.PASSED, compare("--help"));
        assertTrue(out.toString(StandardCharsets.UTF_8).contains("jmh/baselines/INSTRUCTION-SET.json"));
    }

    @Test
    void theJvmOfAnInstructionSetUsesNoBetterOneItself() {
        assertEquals(List.of("-Dkawi.isa=avx2", "-XX:UseAVX=2"), Compare.flags("avx2"));
        assertEquals(List.of("-Dkawi.isa=avx512vnni"), Compare.flags("avx512vnni"));
    }
}
