package kawi.assembler.x86;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import kawi.assembler.Encodings;
import kawi.assembler.GnuTools;
import kawi.assembler.Sample;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Exhaustive tests: every register in every position, every address, every boundary, compared with the GNU assembler.
 */
class EncodingTest {

    @BeforeAll
    static void toolsAreInstalled() {
        GnuTools.X86_64.assumeInstalled();
    }

    @Test
    void everyGeneralRegisterPairValueAndCount() throws IOException {
        Encodings.assertSameBytes(GnuTools.X86_64, GeneralForms.registers());
    }

    @Test
    void everyAddressOfGeneralInstructions() throws IOException {
        List<Sample> samples = new ArrayList<>();
        List<Address> addresses = Address.all(1);
        for (int i = 0; i < addresses.size(); i++) {
            List<Sample> all = GeneralForms.memory(Address.REGISTERS.get(i % 16), addresses.get(i));
            samples.add(all.get(i / 16 % all.size()));
        }
        Encodings.assertSameBytes(GnuTools.X86_64, samples);
    }

    @Test
    void everyVectorRegisterInEveryPlace() throws IOException {
        List<Sample> samples = new ArrayList<>();
        for (VectorOp op : VectorOp.values()) {
            for (int place = 0; place < 3; place++) {
                for (int register = 0; register < 32; register++) {
                    List<Sample> all = VectorForms.of(op).samples(oneRegister(place, register));
                    // Each register meets every fourth of the forms, each form every fourth register.
                    for (int i = register % 4; i < all.size(); i += 4) {
                        samples.add(all.get(i));
                    }
                }
            }
        }
        Encodings.assertSameBytes(GnuTools.X86_64, samples);
    }

    /**
     * All units of a compressed displacement: whole vectors, half and quarter ones, elements, broadcasts, parts of
     * vectors.
     */
    @Test
    void everyAddressOfVectorInstructions() throws IOException {
        List<Sample> samples = new ArrayList<>();
        for (VectorOp op : List.of(
                VectorOp.VADDPS,
                VectorOp.VCVTPH2PS,
                VectorOp.VPMOVDB,
                VectorOp.VADDSS,
                VectorOp.VEXTRACTF128,
                VectorOp.VEXTRACTF64X4)) {
            AllAddresses choice = new AllAddresses();
            while (!choice.done()) {
                VectorForms.of(op).samples(choice).stream()
                        .filter(sample -> sample.text().contains("["))
                        .forEach(samples::add);
            }
        }
        Encodings.assertSameBytes(GnuTools.X86_64, samples);
    }

    /** Registers far from the one in question. */
    private static VectorForms.Choice oneRegister(int place, int register) {
        VectorForms.Choice others = VectorForms.random(new Random(register));
        return new VectorForms.Choice() {
            @Override
            public int register(int at, int below) {
                return at == place ? register % below : others.register(at, below);
            }

            @Override
            public int mask() {
                return 1 + register % 7;
            }

            @Override
            public int immediate() {
                return register * 8 + place;
            }

            @Override
            public Address address(int unit) {
                return others.address(unit);
            }
        };
    }

    /** One address after the other, in the order of {@link Address#all}. */
    private static final class AllAddresses implements VectorForms.Choice {

        private static final int STRIDE = 7;

        private final VectorForms.Choice others = VectorForms.random(new Random(1));
        private int next;
        private int size = Integer.MAX_VALUE;

        boolean done() {
            return next >= size;
        }

        @Override
        public Address address(int unit) {
            List<Address> all = Address.all(unit);
            size = all.size();
            Address address = all.get(next % size);
            next += STRIDE;
            return address;
        }

        @Override
        public int register(int place, int below) {
            return others.register(place, below);
        }

        @Override
        public int mask() {
            return others.mask();
        }

        @Override
        public int immediate() {
            return others.immediate();
        }
    }
}
