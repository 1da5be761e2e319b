package kawi.assembler.x86;

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
 * The main forms of every instruction against bytes that the GNU assembler gave once, for the machines that do not have
 * it.
 *
 * <p>A new instruction needs new bytes; to record them all again, in this module's folder of the sources:
 * {@code mvn test -Dtest=RecordedEncodingTest
 * -Dkawi.test.record=src/test/resources/kawi/assembler/x86/encodings.txt}, and look at what has changed.
 */
class RecordedEncodingTest {

    @Test
    void theMainFormsHaveTheRecordedBytes() throws IOException {
        RecordedEncodings.assertRecorded(RecordedEncodingTest.class, samples());
    }

    @Test
    @EnabledIfSystemProperty(named = "kawi.test.record", matches = ".+")
    void record() throws IOException {
        RecordedEncodings.record(GnuTools.X86_64, samples(), Path.of(System.getProperty("kawi.test.record")));
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
}
