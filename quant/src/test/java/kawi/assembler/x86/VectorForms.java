package kawi.assembler.x86;

import static java.util.stream.Collectors.toMap;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import kawi.assembler.Label;
import kawi.assembler.Sample;
import org.jspecify.annotations.Nullable;

/**
 * The operands of every {@link VectorOp} as the manual's instruction pages give them, independent of how
 * {@link VectorOp} encodes them: the source of the samples that another assembler is asked about.
 */
final class VectorForms {

    /*
     * Columns: our name; the VEX and the EVEX mnemonic; the vector lengths of the two; the operands in the manual's
     * order. Operands: L a register of the vector's length, H and Q of half and a quarter (an xmm at least), X an xmm,
     * Y a ymm, K a mask, m memory of that length or of so many bits, b so many bits broadcast, i an immediate. {m} a
     * merging mask may be on it, {z} a zeroing one too (not on memory). "evex-" before a memory operand: only EVEX has
     * it.
     */
    private static final String TABLE = """
            VMOVUPS           vmovups       vmovups        128,256     128,256,512  L{z} L/mL
            VMOVUPS_STORE     vmovups       vmovups        128,256     128,256,512  L/mL{z} L
            VMOVD_LOAD        vmovd         vmovd          128         128          X m32
            VMOVD_STORE       vmovd         vmovd          128         128          m32 X
            VBROADCASTSS      vbroadcastss  vbroadcastss   128,256     128,256,512  L{z} X/m32
            VPBROADCASTD      vpbroadcastd  vpbroadcastd   128,256     128,256,512  L{z} X/m32
            VMASKMOVPS        vmaskmovps    -              128,256     -            L L mL
            VMASKMOVPS_STORE  vmaskmovps    -              128,256     -            mL L L
            VADDPS            vaddps        vaddps         128,256     128,256,512  L{z} L L/mL/b32
            VSUBPS            vsubps        vsubps         128,256     128,256,512  L{z} L L/mL/b32
            VMULPS            vmulps        vmulps         128,256     128,256,512  L{z} L L/mL/b32
            VDIVPS            vdivps        vdivps         128,256     128,256,512  L{z} L L/mL/b32
            VMINPS            vminps        vminps         128,256     128,256,512  L{z} L L/mL/b32
            VMAXPS            vmaxps        vmaxps         128,256     128,256,512  L{z} L L/mL/b32
            VSCALEFPS         -             vscalefps      -           128,256,512  L{z} L L/mL/b32
            VADDSS            vaddss        vaddss         128         128          X{z} X X/m32
            VMULSS            vmulss        vmulss         128         128          X{z} X X/m32
            VDIVSS            vdivss        vdivss         128         128          X{z} X X/m32
            VSQRTSS           vsqrtss       vsqrtss        128         128          X{z} X X/m32
            VFMADD213PS       vfmadd213ps   vfmadd213ps    128,256     128,256,512  L{z} L L/mL/b32
            VFMADD231PS       vfmadd231ps   vfmadd231ps    128,256     128,256,512  L{z} L L/mL/b32
            VFNMADD231PS      vfnmadd231ps  vfnmadd231ps   128,256     128,256,512  L{z} L L/mL/b32
            VFMADD231SS       vfmadd231ss   vfmadd231ss    128         128          X{z} X X/m32
            VCVTDQ2PS         vcvtdq2ps     vcvtdq2ps      128,256     128,256,512  L{z} L/mL/b32
            VCVTPS2DQ         vcvtps2dq     vcvtps2dq      128,256     128,256,512  L{z} L/mL/b32
            VCVTPH2PS         vcvtph2ps     vcvtph2ps      128,256     128,256,512  L{z} H/mH
            VCVTPS2PH         vcvtps2ph     vcvtps2ph      128,256     128,256,512  H/mH{z} L i
            VPMOVSXBD         vpmovsxbd     vpmovsxbd      128,256     128,256,512  L{z} Q/mQ
            VPMOVZXWD         vpmovzxwd     vpmovzxwd      128,256     128,256,512  L{z} H/mH
            VPMOVZXBD         vpmovzxbd     vpmovzxbd      128,256     128,256,512  L{z} Q/mQ
            VPMOVDB           -             vpmovdb        -           128,256,512  Q/mQ{z} L
            VPACKSSDW         vpackssdw     vpackssdw      128,256     128,256,512  L{z} L L/mL/b32
            VPACKSSWB         vpacksswb     vpacksswb      128,256     128,256,512  L{z} L L/mL
            VPAND             vpand         vpandd         128,256     128,256,512  L{z} L L/mL/b32
            VPOR              vpor          vpord          128,256     128,256,512  L{z} L L/mL/b32
            VPXOR             vpxor         vpxord         128,256     128,256,512  L{z} L L/mL/b32
            VPTERNLOGD        -             vpternlogd     -           128,256,512  L{z} L L/mL/b32 i
            VPADDW            vpaddw        vpaddw         128,256     128,256,512  L{z} L L/mL
            VPADDD            vpaddd        vpaddd         128,256     128,256,512  L{z} L L/mL/b32
            VPSUBD            vpsubd        vpsubd         128,256     128,256,512  L{z} L L/mL/b32
            VPSUBB            vpsubb        vpsubb         128,256     128,256,512  L{z} L L/mL
            VPMAXSD           vpmaxsd       vpmaxsd        128,256     128,256,512  L{z} L L/mL/b32
            VPMINSD           vpminsd       vpminsd        128,256     128,256,512  L{z} L L/mL/b32
            VPABSB            vpabsb        vpabsb         128,256     128,256,512  L{z} L/mL
            VPSIGNB           vpsignb       -              128,256     -            L L L/mL
            VPMADDUBSW        vpmaddubsw    vpmaddubsw     128,256     128,256,512  L{z} L L/mL
            VPMADDWD          vpmaddwd      vpmaddwd       128,256     128,256,512  L{z} L L/mL
            VPDPBUSD          vpdpbusd      vpdpbusd       128,256     128,256,512  L{z} L L/mL/b32
            VPCMPEQB          vpcmpeqb      -              128,256     -            L L L/mL
            VPSLLVD           vpsllvd       vpsllvd        128,256     128,256,512  L{z} L L/mL/b32
            VPSLLW            vpsllw        vpsllw         128,256     128,256,512  L{z} L/evex-mL i
            VPSRLW            vpsrlw        vpsrlw         128,256     128,256,512  L{z} L/evex-mL i
            VPSRAW            vpsraw        vpsraw         128,256     128,256,512  L{z} L/evex-mL i
            VPSLLD            vpslld        vpslld         128,256     128,256,512  L{z} L/evex-mL/b32 i
            VPSRLD            vpsrld        vpsrld         128,256     128,256,512  L{z} L/evex-mL/b32 i
            VPSRAD            vpsrad        vpsrad         128,256     128,256,512  L{z} L/evex-mL/b32 i
            VPEXTRD           vpextrd       vpextrd        128         128          m32 X i
            VPERMILPS         vpermilps     vpermilps      128,256     128,256,512  L{z} L/mL/b32 i
            VMOVHLPS          vmovhlps      vmovhlps       128         128          X X X
            VPERMD            vpermd        vpermd         256         256,512      L{z} L L/mL/b32
            VPSHUFB           vpshufb       vpshufb        128,256     128,256,512  L{z} L L/mL
            VEXTRACTF128      vextractf128  vextractf32x4  256         256,512      X/m128{z} L i
            VSHUFF32X4        -             vshuff32x4     -           256,512      L{z} L L/mL/b32 i
            VEXTRACTF64X4     -             vextractf64x4  -           512          Y/m256{z} L i
            VCMPPS            vcmpps        -              128,256     -            L L L/mL i
            VPMOVB2M          -             vpmovb2m       -           128,256,512  K L
            """;

    private static final Map<String, VectorForms> ALL =
            TABLE.lines().map(VectorForms::new).collect(toMap(form -> form.op, form -> form));

    private static final List<Mask> MASKS = List.of(Mask.values());

    private final String op;
    private final String vex;
    private final String evex;
    private final List<Integer> vexLengths;
    private final List<Integer> evexLengths;
    private final List<String> operands;

    private VectorForms(String line) {
        String[] columns = line.split(" +", -1);
        op = columns[0];
        vex = columns[1];
        evex = columns[2];
        vexLengths = lengths(columns[3]);
        evexLengths = lengths(columns[4]);
        operands = List.of(columns).subList(5, columns.length);
    }

    private static List<Integer> lengths(String column) {
        return column.equals("-")
                ? List.of()
                : Arrays.stream(column.split(",", -1)).map(Integer::valueOf).toList();
    }

    static VectorForms of(VectorOp op) {
        VectorForms forms = ALL.get(op.name());
        if (forms == null) {
            throw new AssertionError(
                    "%s has no line in the table of VectorForms: add its operands as the manual gives them"
                            .formatted(op));
        }
        return forms;
    }

    /** Which registers, masks and addresses to take. */
    interface Choice {
        /** One of the vector registers 0 to {@code below - 1}, for the operand at this place. */
        int register(int place, int below);

        int mask();

        int immediate();

        Address address(int unit);
    }

    /** Anything. */
    static Choice random(Random random) {
        return new Choice() {
            @Override
            public int register(int place, int below) {
                return random.nextInt(below);
            }

            @Override
            public int mask() {
                return random.nextInt(1, 8);
            }

            @Override
            public int immediate() {
                return random.nextInt(256);
            }

            @Override
            public Address address(int unit) {
                return Address.any(random, unit);
            }
        };
    }

    /** One sample for each encoding, length, kind of the last source and mask. */
    List<Sample> samples(Choice choice) {
        List<Sample> samples = new ArrayList<>();
        for (String kind : memoryOperand().split("/", -1)) {
            for (int length : kind.contains("evex-") || kind.startsWith("b") ? List.<Integer>of() : vexLengths) {
                samples.add(sample(choice, false, length, kind, ""));
            }
            for (int length : evexLengths) {
                List<String> masks = new ArrayList<>(List.of(""));
                if (operands.stream().anyMatch(o -> o.endsWith("{z}"))) {
                    masks.add("{m}");
                    if (!kind.startsWith("m") || !memoryFirst()) {
                        masks.add("{z}");
                    }
                }
                for (String mask : masks) {
                    samples.add(sample(choice, true, length, kind, mask));
                }
            }
        }
        return samples;
    }

    /** The operand that may be in memory: the first of a store, the last source otherwise. */
    private String memoryOperand() {
        return plain(operands.get(memoryPlace()));
    }

    private int memoryPlace() {
        return memoryFirst() ? 0 : operands.size() - (operands.getLast().equals("i") ? 2 : 1);
    }

    private boolean memoryFirst() {
        return plain(operands.getFirst()).contains("m");
    }

    private static String plain(String operand) {
        return operand.replace("{z}", "");
    }

    private Sample sample(Choice choice, boolean asEvex, int length, String kind, String mask) {
        boolean onlyEvex =
                vex.equals("-") || length == 512 || !mask.isEmpty() || kind.startsWith("b") || kind.startsWith("evex-");
        List<Operand> all = new ArrayList<>();
        boolean high = onlyEvex;
        for (int place = 0; place < operands.size(); place++) {
            String operand = place == memoryPlace() ? kind.replace("evex-", "") : plain(operands.get(place));
            if (!operand.equals("i")) {
                all.add(operand(choice, asEvex, length, operand, place));
                high |= all.getLast().vec != null && all.getLast().vec.number() > 15;
            }
        }
        if (asEvex && !high) {
            int place = all.get(0).vec != null ? 0 : 1;
            Vec low = all.get(place).vec;
            if (low == null) {
                throw new AssertionError(op + ": no register at " + place);
            }
            all.set(place, Operand.of(new Vec(low.number() + 16, low.bits())));
        }
        int immediate = operands.getLast().equals("i") ? choice.immediate() : -1;
        Masking masking = switch (mask) {
            case "{m}" -> Masking.merge(MASKS.get(choice.mask()));
            case "{z}" -> Masking.zero(MASKS.get(choice.mask()));
            default -> Masking.NONE;
        };
        return Samples.of(
                hint(asEvex, all),
                text(asEvex, all, masking, immediate),
                (a, end) -> call(a, end, all, masking, immediate));
    }

    private String hint(boolean asEvex, List<Operand> all) {
        String encoding = asEvex ? vex.equals("-") ? "" : "{evex}" : evex.equals("-") ? "" : "{vex}";
        boolean registers = all.stream().allMatch(operand -> operand.vec != null);
        // Between registers a move has two encodings; and commutative operands would be exchanged where that saves a
        // byte.
        return registers ? encoding + (memoryFirst() ? " {store}" : " {load}") : encoding;
    }

    private String text(boolean asEvex, List<Operand> all, Masking masking, int immediate) {
        StringBuilder text = new StringBuilder(asEvex ? evex : vex).append(' ');
        for (int i = 0; i < all.size(); i++) {
            text.append(i == 0 ? "" : ",").append(all.get(i).text);
            if (i == 0 && masking.mask() != Mask.K0) {
                text.append("{k%d}%s".formatted(masking.mask().number(), masking.zero() ? "{z}" : ""));
            }
        }
        return immediate < 0
                ? text.toString()
                : text.append(",0x").append(Integer.toHexString(immediate)).toString();
    }

    private void call(Assembler a, Label end, List<Operand> all, Masking masking, int immediate) {
        VectorOp vectorOp = VectorOp.valueOf(op);
        List<Operand> order = memoryFirst() ? all.reversed() : all;
        VecOrMem last = order.getLast().at(end);
        Vec first = order.getFirst().vec;
        Vec second = order.size() == 3 ? order.get(1).vec : null;
        Mask mask = order.getFirst().mask;
        if (mask != null) {
            a.op(vectorOp, mask, (Vec) last);
        } else if (first == null) {
            throw new AssertionError(op + ": the first operand of the call is a register");
        } else if (second == null && immediate < 0) {
            a.op(vectorOp, masking, first, last);
        } else if (second == null) {
            a.op(vectorOp, masking, first, last, immediate);
        } else if (immediate < 0) {
            a.op(vectorOp, masking, first, second, last);
        } else {
            a.op(vectorOp, masking, first, second, last, immediate);
        }
    }

    /** An operand, one of three kinds, and its text. */
    private record Operand(
            @Nullable Vec vec,
            @Nullable Address address,
            boolean broadcast,
            @Nullable Mask mask,
            String text) {

        static Operand of(Vec vec) {
            return new Operand(
                    vec, null, false, null, Map.of(128, "x", 256, "y", 512, "z").get(vec.bits()) + "mm" + vec.number());
        }

        VecOrMem at(Label end) {
            if (vec != null) {
                return vec;
            } else if (address != null) {
                return broadcast ? address.memory(end).toAll() : address.memory(end);
            }
            throw new AssertionError(text + " is neither a vector register nor in memory");
        }
    }

    private Operand operand(Choice choice, boolean asEvex, int length, String operand, int place) {
        if (operand.equals("K")) {
            int k = choice.register(place, 8);
            return new Operand(null, null, false, MASKS.get(k), "k" + k);
        }
        boolean broadcast = operand.startsWith("b");
        if (!broadcast && !operand.startsWith("m")) {
            return Operand.of(new Vec(choice.register(place, asEvex ? 32 : 16), Math.max(128, bits(operand, length))));
        }
        int bits = bits(operand.substring(1), length);
        Address address = choice.address(bits / 8);
        String size = Map.of(32, "DWORD", 64, "QWORD", 128, "XMMWORD", 256, "YMMWORD", 512, "ZMMWORD")
                .get(bits);
        return new Operand(null, address, broadcast, null, size + (broadcast ? " BCST " : " PTR ") + address.text());
    }

    private static int bits(String letter, int length) {
        return switch (letter) {
            case "L" -> length;
            case "H" -> length / 2;
            case "Q" -> length / 4;
            case "X" -> 128;
            case "Y" -> 256;
            default -> Integer.parseInt(letter);
        };
    }
}
