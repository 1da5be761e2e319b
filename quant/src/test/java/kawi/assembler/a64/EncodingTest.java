package kawi.assembler.a64;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import kawi.assembler.Encodings;
import kawi.assembler.GnuTools;
import kawi.assembler.Sample;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Exhaustive tests: every register in every position, every immediate that has a pattern, every boundary, compared with
 * the GNU assembler.
 */
class EncodingTest {

    @BeforeAll
    static void toolsAreInstalled() {
        GnuTools.AARCH64.assumeInstalled();
    }

    /** The operand at a place is n of as many as it can be, the others are random. */
    private static IntUnaryOperator oneChoice(int place, int n) {
        Random others = new Random(31L * place + n);
        int[] calls = {0};
        return below -> calls[0]++ % 4 == place ? n % below : others.nextInt(below);
    }

    @Test
    void everyVectorRegisterIndexAndCountInEveryPlace() throws IOException {
        List<Sample> samples = new ArrayList<>();
        for (VectorOp op : VectorOp.values()) {
            VectorForms forms = VectorForms.of(op);
            for (int place = 0; place < 4; place++) {
                for (int n = 0; n < 64; n++) {
                    List<Sample> all = forms.samples(oneChoice(place, n));
                    // Each number meets every fourth of the forms, each form every fourth number.
                    for (int i = n % 4; i < all.size(); i += 4) {
                        samples.add(all.get(i));
                    }
                }
            }
        }
        Encodings.assertSameBytes(GnuTools.AARCH64, samples);
    }

    @Test
    void everyRegisterInTheOtherInstructions() throws IOException {
        List<Sample> samples = new ArrayList<>();
        for (int place = 0; place < 4; place++) {
            for (int n = 0; n < 32; n++) {
                samples.addAll(GeneralForms.samples(oneChoice(place, n)));
                samples.addAll(MoveForms.samples(oneChoice(place, n)));
                samples.addAll(MemoryForms.vectors(oneChoice(place, n)));
                samples.addAll(MemoryForms.structures(oneChoice(place, n)));
            }
        }
        Encodings.assertSameBytes(GnuTools.AARCH64, samples);
    }

    @Test
    void stackPointerAndZero() throws IOException {
        Encodings.assertSameBytes(GnuTools.AARCH64, GeneralForms.stackPointerAndZero());
    }

    @Test
    void immediatesThatTakeSeveralInstructions() throws IOException {
        List<Sample> samples = new ArrayList<>(GeneralForms.composed());
        samples.addAll(GeneralForms.values());
        Encodings.assertSameBytes(GnuTools.AARCH64, samples);
    }

    /** All 5334 of them. */
    @Test
    void everyPatternOfALogicalInstruction() throws IOException {
        List<Sample> samples = new ArrayList<>();
        for (int size = 2; size <= 64; size *= 2) {
            for (int ones = 1; ones < size; ones++) {
                for (int rotation = 0; rotation < size; rotation++) {
                    int[] answers = {Integer.numberOfTrailingZeros(size) - 1, ones - 1, rotation};
                    int[] calls = {0};
                    long value = GeneralForms.pattern(_ -> answers[calls[0]++]);
                    samples.add(GeneralForms.immediate(GpOp.EOR, Gp.X3, Gp.X17, value));
                }
            }
        }
        Encodings.assertSameBytes(GnuTools.AARCH64, samples);
    }

    @Test
    void everyImmediateOfAVector() throws IOException {
        List<Sample> samples = new ArrayList<>();
        for (int value = 0; value < 256; value++) {
            int bits = value;
            samples.add(Samples.of("movi v1.16b,#" + bits, a -> a.movi(Vec.v(1).b16(), bits)));
            samples.add(Samples.of("movi v1.4s,#" + bits, a -> a.movi(Vec.v(1), bits)));
            // 0 and 255 are the inverse of another.
            if (bits != 0 && bits != 255) {
                samples.add(Samples.of(
                        "mvni v1.8h,#%d,lsl #8".formatted(bits),
                        a -> a.movi(Vec.v(1).h8(), (short) ~(bits << 8))));
            }
            long mask = 0;
            for (int i = 0; i < 8; i++) {
                mask |= (((bits >> i) & 1) * 255L) << (8 * i);
            }
            long wide = mask;
            samples.add(Samples.of(
                    "movi v1.2d,#%s".formatted(Long.toUnsignedString(wide)),
                    a -> a.movi(Vec.v(1).d2(), wide)));
            int exponent = (bits >> 4 & 7) - 3;
            float magnitude = Math.scalb(1 + (bits & 15) / 16f, exponent);
            float number = bits < 128 ? magnitude : -magnitude;
            samples.add(Samples.of("fmov v1.4s,#" + number, a -> a.fmov(Vec.v(1), number)));
        }
        Encodings.assertSameBytes(GnuTools.AARCH64, samples);
    }

    @Test
    void lengtheningWithoutAShift() throws IOException {
        Vec to = Vec.v(30);
        Vec from = Vec.v(9);
        Encodings.assertSameBytes(
                GnuTools.AARCH64,
                List.of(
                        Samples.of("sxtl v30.8h,v9.8b", a -> a.op(VectorOp.SSHLL, to.h8(), from.b8(), 0)),
                        Samples.of("uxtl2 v30.2d,v9.4s", a -> a.op(VectorOp.USHLL2, to.d2(), from.s4(), 0))));
    }

    /** Where a scaled offset, an unscaled one and none begin and end. */
    @Test
    void offsetsAtTheirBoundaries() throws IOException {
        List<Sample> samples = new ArrayList<>();
        Gp base = Gp.X2;
        for (int bytes = 1; bytes <= 16; bytes *= 2) {
            Vec vec = Vec.v(7).as(bytes == 16 ? Shape.Q : Shape.scalar(bytes));
            int size = bytes;
            for (int offset : new int[] {-256, -1, 0, 1, 255, 256, size, 255 * size, 4095 * size}) {
                if (offset % size == 0 || offset < 256) {
                    samples.add(Samples.of(
                            "ldr %s,[x2,#%d]".formatted(vec, offset), a -> a.ldr(vec, Mem.at(base, offset))));
                }
            }
            if (bytes >= 4) {
                for (int offset : new int[] {-64 * size, -size, 0, 63 * size}) {
                    samples.add(Samples.of(
                            "ldp %s,%s,[x2,#%d]".formatted(vec, new Vec(8, vec.shape()), offset),
                            a -> a.ldp(vec, new Vec(8, vec.shape()), Mem.at(base, offset))));
                }
            }
        }
        Encodings.assertSameBytes(GnuTools.AARCH64, samples);
    }
}
