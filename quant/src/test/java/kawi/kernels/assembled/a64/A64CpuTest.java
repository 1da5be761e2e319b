package kawi.kernels.assembled.a64;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class A64CpuTest {

    private static final long ASIMDDP = 1 << 20;
    private static final long I8MM = 1 << 13;

    /** Neoverse N1, the CPU of Graviton 2 and Ampere Altra. */
    private static final long N1 = 0x413f_d0c1L;

    @Test
    void theBitsOfLinuxAreFeatures() {
        assertEquals(new A64Cpu(false, false, "Arm Neoverse N1"), A64Cpu.linux(~ASIMDDP, ~I8MM, N1));
        assertEquals(new A64Cpu(true, false, "Arm Neoverse N1"), A64Cpu.linux(ASIMDDP, 0, N1));
        assertEquals(new A64Cpu(true, true, "Arm Neoverse N1"), A64Cpu.linux(ASIMDDP, I8MM, N1));
    }

    @Test
    void aCpuHasTheInstructionSetsOfItsFeatures() {
        assertEquals(List.of(A64Isa.NEON), new A64Cpu(false, false, "").instructionSets());
        assertEquals(List.of(A64Isa.DOTPROD, A64Isa.NEON), new A64Cpu(true, false, "").instructionSets());
        assertEquals(List.of(A64Isa.I8MM, A64Isa.DOTPROD, A64Isa.NEON), new A64Cpu(true, true, "").instructionSets());
        assertEquals(List.of("NEON", "DotProd", "I8MM"), new A64Cpu(true, true, "").features());
        assertEquals(List.of("NEON"), new A64Cpu(false, false, "").features());
    }

    @Test
    void coresHaveNames() {
        assertEquals("Arm Cortex-A53", A64CoreName.of(0x410f_d034L));
        assertEquals("Arm core 0x123", A64CoreName.of(0x410f_1230L));
        assertEquals("Ampere core 0xac3", A64CoreName.of(0xc00f_ac30L));
        assertEquals("AArch64", A64CoreName.of(0));
    }
}
