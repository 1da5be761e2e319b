package kawi.assembler.a64;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import kawi.assembler.GnuTools;
import kawi.assembler.RecordedEncodings;
import kawi.assembler.Sample;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Every form of every instruction against bytes that the GNU assembler gave once, for the machines that do not have it.
 *
 * <p>A new instruction needs new bytes; to record them all again, in this module's folder of the sources:
 * {@code mvn test -Dtest=kawi.assembler.a64.RecordedEncodingTest
 * -Dkawi.test.record=src/test/resources/kawi/assembler/a64/encodings.txt}, and look at what has changed.
 */
class RecordedEncodingTest {

    @Test
    void everyFormHasTheRecordedBytes() throws IOException {
        RecordedEncodings.assertRecorded(RecordedEncodingTest.class, samples());
    }

    @Test
    @EnabledIfSystemProperty(named = "kawi.test.record", matches = ".+")
    void record() throws IOException {
        RecordedEncodings.record(GnuTools.AARCH64, samples(), Path.of(System.getProperty("kawi.test.record")));
    }

    /**
     * Those of a vector instruction are independent of the others', so that a new one leaves the lines of the old ones as
     * they are.
     */
    private static List<Sample> samples() {
        List<Sample> samples = new ArrayList<>();
        samples.addAll(GeneralForms.samples(new Random(1)::nextInt));
        samples.addAll(GeneralForms.stackPointerAndZero());
        samples.addAll(GeneralForms.composed());
        samples.addAll(GeneralForms.values());
        samples.addAll(MemoryForms.general(new Random(2)::nextInt));
        samples.addAll(MemoryForms.vectors(new Random(3)::nextInt));
        samples.addAll(MemoryForms.structures(new Random(4)::nextInt));
        samples.addAll(MoveForms.samples(new Random(5)::nextInt));
        for (VectorOp op : VectorOp.values()) {
            samples.addAll(VectorForms.of(op).samples(new Random(op.name().hashCode())::nextInt));
        }
        return samples;
    }
}
