package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** The time of the first token since the start of the program, by a clock outside it. */
@Timeout(120)
class ClockTest {

    @Test
    void theFirstTokenComesBetweenTheStartAndTheEnd() throws Exception {
        long start = System.nanoTime();
        Process process = ChildCli.start("--json", "-n", "1", "Tell me a story.");
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor());
        double outside = (System.nanoTime() - start) * 1e-9;

        JsonNode timings = Cli.tree(out).get("timings");
        double reported = timings.get("first_token_since_process_start_seconds").doubleValue();
        double answering = timings.get("first_token_seconds").doubleValue();
        assertTrue(reported <= outside + 0.01, "%f s, but the process took %f s".formatted(reported, outside));
        assertTrue(reported >= answering, timings.toString());
        // What comes before is the start of the JVM, what comes after its end.
        assertTrue(reported >= outside / 4, "%f s of %f s".formatted(reported, outside));
    }
}
