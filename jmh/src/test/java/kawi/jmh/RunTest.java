package kawi.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The lines that the measuring JVM prints, and its arguments. */
class RunTest implements Run.Results {

    private final List<String> results = new ArrayList<>();
    private final Run run = new Run(
            List.of(),
            List.of(
                    new Tiers.Finding("vector", true, "256-bit, jdk.incubator.vector present"),
                    new Tiers.Finding("assembled", true, "avx2 on a CPU")),
            100);

    @Override
    public void measured(Measurement what, double speed) {
        results.add("%s %s %s".formatted(what.subject(), what.tier(), speed));
    }

    @Override
    public void failed(Measurement what, String reason) {
        results.add("%s %s: %s".formatted(what.subject(), what.tier(), reason));
    }

    @Test
    void linesAreSpeedsOrFailures() {
        assertTrue(run.pass("Row.rmsNorm tokens=64\tassembled\t0.125", this));
        assertTrue(run.pass("Row.rmsNorm tokens=64\tvector\t0.0625", this));
        assertTrue(run.pass("Row.quantize tokens=64\tvector\tfailed\tout of memory", this));
        assertEquals(
                List.of(
                        "Row.rmsNorm tokens=64 assembled 0.125",
                        "Row.rmsNorm tokens=64 vector256 0.0625",
                        "Row.quantize tokens=64 vector256: out of memory"),
                results);
    }

    @Test
    void otherLinesAreIgnored() {
        assertFalse(run.pass("WARNING: Using incubator modules", this));
        assertFalse(run.pass("Row.rmsNorm tokens=64\tscalar\t1", this));
        assertEquals(List.of(), results);
    }

    @Test
    void theTrialsAreAskedForWithTheirTiers() {
        List<Trial> trials = Suite.trials(Suite.Mode.QUICK).subList(0, 2);
        assertEquals(
                List.of(
                        "100",
                        "vector,assembled",
                        "MatrixProduct.multiply format=BF16 tokens=1",
                        "vector,assembled",
                        "MatrixProduct.multiply format=BF16 tokens=64"),
                Measuring.arguments(100, trials, List.of("vector", "assembled")));
        assertEquals(trials.getFirst(), Suite.trial("MatrixProduct.multiply format=BF16 tokens=1"));
    }
}
