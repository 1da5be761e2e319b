package kawi.assembler;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Anything that the assembler can say is what the GNU assembler makes of the same text, and the disassembler reads it again. */
class EncodingPropertyTest {

    /** How many samples of each form go into one run of the tool: to start it takes longer than to assemble a thousand lines. */
    private static final int DRAWS = 12;

    @BeforeContainer
    static void toolsAreInstalled() {
        GnuTools.assumeInstalled();
    }

    @Property(tries = 3, shrinking = ShrinkingMode.OFF)
    void vectorInstructionsHaveTheBytesThatGnuAsGives(@ForAll long seed) throws IOException {
        Encodings.assertSameBytes(vectorSamples(seed));
    }

    @Property(tries = 3, shrinking = ShrinkingMode.OFF)
    void generalInstructionsHaveTheBytesThatGnuAsGives(@ForAll long seed) throws IOException {
        Encodings.assertSameBytes(generalSamples(seed));
    }

    @Property(tries = 1, shrinking = ShrinkingMode.OFF)
    void vectorInstructionsAreReadBackByObjdump(@ForAll long seed) throws IOException {
        // Of a comparison it names the predicate, of an address behind the code it counts the distance from somewhere
        // else.
        Encodings.assertSameText(vectorSamples(seed).stream()
                .filter(sample ->
                        !sample.text().startsWith("vcmpps") && !sample.text().contains("END"))
                .toList());
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
