package kawi.compute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import kawi.kernels.assembled.Cpu;
import kawi.kernels.assembled.InstructionSet;
import kawi.kernels.assembled.a64.A64Cpu;
import kawi.kernels.assembled.a64.A64Isa;
import kawi.kernels.assembled.x86.X86Cpu;
import kawi.kernels.assembled.x86.X86Isa;
import org.junit.jupiter.api.Test;

/** The choice for CPUs of both architectures, whatever this one is. */
class InstructionSetsTest {

    private static final Cpu HASWELL = new X86Cpu(true, false, false, false, "Haswell");
    private static final Cpu CASCADE_LAKE = new X86Cpu(true, false, true, true, "Cascade Lake");
    private static final Cpu NEHALEM = new X86Cpu(false, false, false, false, "Nehalem");
    private static final Cpu NEOVERSE_N1 = new A64Cpu(true, false, "Neoverse N1");

    @Test
    void theBestOneIsChosen() {
        assertEquals(X86Isa.AVX2, InstructionSets.choose("auto", HASWELL));
        assertEquals(X86Isa.AVX512_VNNI, InstructionSets.choose("Auto", CASCADE_LAKE));
        assertEquals(A64Isa.DOTPROD, InstructionSets.choose("auto", NEOVERSE_N1));
    }

    @Test
    void oneThatTheCpuHasCanBeWanted() {
        assertEquals(X86Isa.AVX512, InstructionSets.choose("AVX512", CASCADE_LAKE));
        assertEquals(A64Isa.NEON, InstructionSets.choose("neon", NEOVERSE_N1));
    }

    @Test
    void anotherOneIsRefusedInASentence() {
        assertRefused("kawi.isa is i8mm, which this CPU (Neoverse N1) does not support", "i8mm", NEOVERSE_N1);
        assertRefused("kawi.isa is avx2, which this CPU (Neoverse N1) does not support", "avx2", NEOVERSE_N1);
        assertRefused("kawi.isa is neon, which this CPU (Haswell) does not support", "neon", HASWELL);
        assertRefused(
                "this CPU (Nehalem) lacks AVX2, FMA or F16C, or the system does not save their registers",
                "auto",
                NEHALEM);
        var unknown = assertThrows(IllegalArgumentException.class, () -> InstructionSets.choose("sve", NEOVERSE_N1));
        assertEquals(
                "kawi.isa 'sve': expected auto, avx512vnni, avx512, avx2vnni, avx2, i8mm, dotprod, neon",
                unknown.getMessage());
    }

    private static void assertRefused(String message, String wanted, Cpu cpu) {
        var refused = assertThrows(UnsupportedOperationException.class, () -> InstructionSets.choose(wanted, cpu));
        assertEquals(message, refused.getMessage());
    }

    @Test
    void labelsDiffer() {
        List<InstructionSet> all = InstructionSets.all();
        assertEquals(
                all.size(), all.stream().map(InstructionSet::label).distinct().count());
    }
}
