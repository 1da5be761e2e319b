package kawi.assembler.x86;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
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
            return GnuTools.X86_64.installed() ? SkipResult.doNotSkip() : SkipResult.skip(GnuTools.X86_64.absent());
        }
    }

    @Property(tries = 2, shrinking = ShrinkingMode.OFF)
    void vectorInstructionsHaveTheBytesThatGnuAsGives(@ForAll long seed) throws IOException {
        Encodings.assertSameBytes(GnuTools.X86_64, vectorSamples(seed));
    }

    @Property(tries = 2, shrinking = ShrinkingMode.OFF)
    void generalInstructionsHaveTheBytesThatGnuAsGives(@ForAll long seed) throws IOException {
        Encodings.assertSameBytes(GnuTools.X86_64, generalSamples(seed));
    }

    @Property(tries = 1, shrinking = ShrinkingMode.OFF)
    void vectorInstructionsAreReadBackByObjdump(@ForAll long seed) throws IOException {
        // Of a comparison it names the predicate, of an address behind the code it counts the distance from somewhere
        // else.
        List<Sample> samples = vectorSamples(seed).stream()
                .filter(sample ->
                        !sample.text().startsWith("vcmpps") && !sample.text().contains("END"))
                .toList();
        Encodings.assertSameText(GnuTools.X86_64, samples, EncodingPropertyTest::normal);
    }

    @Property(tries = 1, shrinking = ShrinkingMode.OFF)
    void generalInstructionsAreReadBackByObjdump(@ForAll long seed) throws IOException {
        List<Sample> samples = generalSamples(seed).stream()
                .filter(sample -> !sample.text().contains("END"))
                .toList();
        Encodings.assertSameText(GnuTools.X86_64, samples, EncodingPropertyTest::normal);
    }

    /** Without hints, comments, columns and the displacement of zero that RBP and R13 need. */
    private static String normal(String text) {
        return text.replaceFirst("#.*", "")
                .replaceFirst("\\{(vex|evex|vex3)} ", "")
                .replaceFirst(" +", " ")
                .replace("+0x0]", "]")
                .strip();
    }

    private static List<Sample> vectorSamples(long seed) {
        VectorForms.Choice choice = VectorForms.random(new Random(seed));
        List<Sample> samples = new ArrayList<>();
        for (VectorOp op : VectorOp.values()) {
            for (int i = 0; i < DRAWS; i++) {
                samples.addAll(VectorForms.of(op).samples(choice));
            }
        }
        return samples;
    }

    private static List<Sample> generalSamples(long seed) {
        Random random = new Random(seed);
        return Stream.generate(() -> GeneralForms.memory(GeneralForms.any(random), Address.any(random, 1)))
                .limit(500)
                .flatMap(List::stream)
                .toList();
    }
}
