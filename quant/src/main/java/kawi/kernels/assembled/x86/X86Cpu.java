package kawi.kernels.assembled.x86;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.Gp;
import kawi.assembler.x86.Mem;
import kawi.kernels.assembled.Cpu;
import kawi.kernels.assembled.InstructionSet;
import kawi.machine.MachineCode;

/**
 * The features of this CPU and its operating system: CPUID reports what the CPU supports, XGETBV which registers the
 * system saves.
 *
 * @param avx2 AVX2, FMA and F16C, and the system saves 256-bit registers
 * @param avxVnni the 8-bit dot product on 256-bit registers with VEX encoding
 * @param avx512 AVX-512 F, BW, DQ and VL, and the system saves all of its registers
 * @param avx512Vnni the 8-bit dot product on AVX-512 registers
 * @param name the brand name that the CPU reports
 */
public record X86Cpu(boolean avx2, boolean avxVnni, boolean avx512, boolean avx512Vnni, String name) implements Cpu {

    private static final int FMA = 1 << 12;
    private static final int OSXSAVE = 1 << 27;
    private static final int F16C = 1 << 29;
    private static final int AVX2 = 1 << 5;
    private static final int AVX512F = 1 << 16;
    private static final int AVX512DQ = 1 << 17;
    private static final int AVX512BW = 1 << 30;
    private static final int AVX512VL = 1 << 31;
    private static final int AVX512VNNI = 1 << 11;
    private static final int AVXVNNI = 1 << 4;

    /** XCR0: the system saves SSE and AVX registers; and the mask registers and both extensions of AVX-512. */
    private static final int YMM_STATE = 0x06;

    private static final int ZMM_STATE = 0xe6;

    private static final int BRAND = 0x8000_0002;

    /** The result of a CPUID call. */
    private record Leaf(int eax, int ebx, int ecx, int edx) {}

    /**
     * Identifies the CPU.
     *
     * @throws UnsupportedOperationException if this is not an x86-64 JVM or machine code cannot be run
     */
    public static X86Cpu ask() {
        String architecture = System.getProperty("os.arch", "");
        if (!architecture.equals("amd64") && !architecture.equals("x86_64")) {
            throw new UnsupportedOperationException("this is a JVM for %s, not for x86-64".formatted(architecture));
        }
        try (Arena arena = Arena.ofConfined()) {
            MachineCode cpuid = new MachineCode(arena, cpuidCode());
            MachineCode xgetbv = new MachineCode(arena, xgetbvCode());
            MemorySegment block = arena.allocate(32, 8);
            Leaf basic = cpuid(cpuid, block, 0, 0);
            Leaf features = cpuid(cpuid, block, 1, 0);
            int state = 0;
            if ((features.ecx & OSXSAVE) != 0) {
                xgetbv.run(block);
                state = block.get(JAVA_INT, 0);
            }
            boolean ymm = (state & YMM_STATE) == YMM_STATE;
            boolean zmm = (state & ZMM_STATE) == ZMM_STATE;
            Leaf extended = basic.eax >= 7 ? cpuid(cpuid, block, 7, 0) : new Leaf(0, 0, 0, 0);
            Leaf further = extended.eax >= 1 ? cpuid(cpuid, block, 7, 1) : new Leaf(0, 0, 0, 0);
            int foundation = AVX512F | AVX512DQ | AVX512BW | AVX512VL;
            boolean avx2 = ymm && (features.ecx & (FMA | F16C)) == (FMA | F16C) && (extended.ebx & AVX2) != 0;
            boolean avx512 = avx2 && zmm && (extended.ebx & foundation) == foundation;
            return new X86Cpu(
                    avx2,
                    avx2 && (further.eax & AVXVNNI) != 0,
                    avx512,
                    avx512 && (extended.ecx & AVX512VNNI) != 0,
                    name(cpuid, block));
        }
    }

    @Override
    public List<String> features() {
        List<String> features = new ArrayList<>();
        add(features, "AVX2", avx2);
        add(features, "AVX-VNNI", avxVnni);
        add(features, "AVX-512", avx512);
        add(features, "AVX-512 VNNI", avx512Vnni);
        return features;
    }

    private static void add(List<String> features, String feature, boolean present) {
        if (present) {
            features.add(feature);
        }
    }

    @Override
    public List<InstructionSet> instructionSets() {
        return Arrays.stream(X86Isa.values())
                .filter(isa -> isa.runsOn(this))
                .map(InstructionSet.class::cast)
                .toList();
    }

    @Override
    public String shortcoming() {
        return "lacks AVX2, FMA or F16C, or the system does not save their registers";
    }

    private static Leaf cpuid(MachineCode cpuid, MemorySegment block, int leaf, int subleaf) {
        block.set(JAVA_INT, 0, leaf);
        block.set(JAVA_INT, 4, subleaf);
        cpuid.run(block);
        return new Leaf(
                block.get(JAVA_INT, 8), block.get(JAVA_INT, 12), block.get(JAVA_INT, 16), block.get(JAVA_INT, 20));
    }

    private static String name(MachineCode cpuid, MemorySegment block) {
        if (Integer.compareUnsigned(cpuid(cpuid, block, 0x8000_0000, 0).eax, BRAND + 2) < 0) {
            return "x86-64";
        }
        List<Integer> words = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Leaf leaf = cpuid(cpuid, block, BRAND + i, 0);
            words.addAll(List.of(leaf.eax, leaf.ebx, leaf.ecx, leaf.edx));
        }
        StringBuilder name = new StringBuilder();
        for (int word : words) {
            for (int i = 0; i < 4; i++) {
                char c = (char) (word >>> (8 * i) & 127);
                if (c >= ' ') {
                    name.append(c);
                }
            }
        }
        return name.toString().strip();
    }

    /** Block: leaf, subleaf; then eax, ebx, ecx, edx. */
    private static byte[] cpuidCode() {
        Assembler a = new Assembler();
        a.push(Gp.RBX);
        a.mov(Gp.R8, Gp.firstArgument(MachineCode.windowsConvention()));
        a.load32(Gp.RAX, Mem.at(Gp.R8));
        a.load32(Gp.RCX, Mem.at(Gp.R8, 4));
        a.cpuid();
        a.store32(Mem.at(Gp.R8, 8), Gp.RAX);
        a.store32(Mem.at(Gp.R8, 12), Gp.RBX);
        a.store32(Mem.at(Gp.R8, 16), Gp.RCX);
        a.store32(Mem.at(Gp.R8, 20), Gp.RDX);
        a.pop(Gp.RBX);
        a.ret();
        return a.finish();
    }

    /** Block: receives the low half of XCR0. */
    private static byte[] xgetbvCode() {
        Assembler a = new Assembler();
        a.mov(Gp.R8, Gp.firstArgument(MachineCode.windowsConvention()));
        a.mov(Gp.RCX, 0);
        a.xgetbv();
        a.store32(Mem.at(Gp.R8), Gp.RAX);
        a.ret();
        return a.finish();
    }
}
