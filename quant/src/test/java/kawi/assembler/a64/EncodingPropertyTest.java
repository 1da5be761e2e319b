package kawi.assembler.a64;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import kawi.assembler.Encodings;
import kawi.assembler.GnuTools;
import kawi.assembler.Sample;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import net.jqwik.api.lifecycle.LifecycleContext;
import net.jqwik.api.lifecycle.SkipExecutionHook;

/** Every instruction is encoded like the same text by the GNU assembler, and the disassembler reads it back. */
@AddLifecycleHook(EncodingPropertyTest.NeedsGnuTools.class)
class EncodingPropertyTest {

    /**
     * How many samples of each form go into one run of the tool: to start it takes longer than to assemble a thousand
     * lines.
     */
    private static final int DRAWS = 8;

    /** An assumption that does not hold would be a failure of a property. */
    static final class NeedsGnuTools implements SkipExecutionHook {

        @Override
        public SkipResult shouldBeSkipped(LifecycleContext context) {
            return GnuTools.AARCH64.installed() ? SkipResult.doNotSkip() : SkipResult.skip(GnuTools.AARCH64.absent());
        }
    }

    @Property(tries = 2, shrinking = ShrinkingMode.OFF)
    void theBytesAreThoseThatGnuAsGives(@ForAll long seed) throws IOException {
        Encodings.assertSameBytes(GnuTools.AARCH64, samples(seed));
    }

    @Property(tries = 2, shrinking = ShrinkingMode.OFF)
    void theInstructionsAreReadBackByObjdump(@ForAll long seed) throws IOException {
        Encodings.assertSameText(GnuTools.AARCH64, samples(seed), Samples::normal);
    }

    private static List<Sample> samples(long seed) {
        Random random = new Random(seed);
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < DRAWS; i++) {
            for (VectorOp op : VectorOp.values()) {
                samples.addAll(VectorForms.of(op).samples(random::nextInt));
            }
            samples.addAll(MoveForms.samples(random::nextInt));
            samples.addAll(MemoryForms.general(random::nextInt));
            samples.addAll(MemoryForms.vectors(random::nextInt));
            samples.addAll(MemoryForms.structures(random::nextInt));
            samples.addAll(GeneralForms.samples(random::nextInt));
        }
        return samples;
    }
}
