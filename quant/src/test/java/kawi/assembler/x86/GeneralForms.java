package kawi.assembler.x86;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import kawi.assembler.Sample;

/**
 * Samples of the general-purpose, mask-register and other instructions, one method of {@link Assembler} after the
 * other.
 */
final class GeneralForms {

    private static final int[] VALUES = {
        0,
        1,
        -1,
        2,
        126,
        127,
        128,
        129,
        255,
        256,
        -127,
        -128,
        -129,
        65_535,
        0x1234_5678,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE
    };

    private GeneralForms() {}

    /** All registers and pairs of them, with values where the encoding changes. */
    static List<Sample> registers() {
        List<Sample> all = new ArrayList<>();
        for (Gp to : Gp.values()) {
            for (Gp from : Gp.values()) {
                all.addAll(pair(to, from));
                for (int value : new int[] {127, 128, -128, -129}) {
                    all.add(multiply(to, from, value));
                }
            }
            all.addAll(single(to));
            for (int value : VALUES) {
                all.addAll(withValue(to, value));
                all.add(multiply(to, to, value));
            }
            for (long value : new long[] {
                0x8000_0000L, 0xffff_ffffL, 0x1_0000_0000L, -0x8000_0001L, Long.MIN_VALUE, Long.MAX_VALUE
            }) {
                all.add(move(to, value));
            }
            for (int count = 0; count < 64; count++) {
                all.addAll(shifts(to, count));
            }
            for (Mask mask : Mask.values()) {
                all.addAll(masks(to, mask));
            }
            for (int vector = 0; vector < 32; vector++) {
                all.addAll(moves(to, vector));
            }
        }
        all.addAll(plain());
        return all;
    }

    /** One or a few of every method, with all of its operands legal and none special. */
    static List<Sample> main() {
        List<Sample> all = new ArrayList<>();
        for (Gp[] registers : new Gp[][] {{Gp.RAX, Gp.R9}, {Gp.RDI, Gp.RSP}, {Gp.R12, Gp.RBP}}) {
            Gp to = registers[0];
            Gp from = registers[1];
            all.addAll(pair(to, from));
            all.addAll(single(to));
            for (int value : new int[] {1, -1, -128, 128, Integer.MIN_VALUE}) {
                all.addAll(withValue(to, value));
                all.add(multiply(to, from, value));
            }
            all.add(move(to, 0xffff_ffffL));
            all.add(move(to, 0x1234_5678_9abc_def0L));
            all.addAll(shifts(to, 1));
            all.addAll(shifts(to, 63));
            all.addAll(masks(to, Mask.K5));
            all.addAll(moves(to, 3));
            all.addAll(moves(to, 12));
            all.addAll(moves(to, 29));
            for (int displacement : new int[] {0, -128, 128, 1 << 30}) {
                all.addAll(memory(from, new Address(to, null, 1, displacement)));
                all.addAll(memory(from, new Address(from, to, 8, displacement)));
            }
        }
        all.addAll(memory(Gp.R10, new Address(null, null, 1, -4)));
        all.addAll(plain());
        return all;
    }

    static Gp any(Random random) {
        return Address.REGISTERS.get(random.nextInt(16));
    }

    private static List<Sample> plain() {
        return List.of(
                Samples.of("ret", (a, _) -> a.ret()),
                Samples.of("cpuid", (a, _) -> a.cpuid()),
                Samples.of("xgetbv", (a, _) -> a.xgetbv()),
                Samples.of("vzeroupper", (a, _) -> a.vzeroupper()));
    }

    private static List<Sample> pair(Gp to, Gp from) {
        String operands = Address.name(to) + "," + Address.name(from);
        List<Sample> all = new ArrayList<>(List.of(
                Samples.of("mov " + operands, (a, _) -> a.mov(to, from)),
                Samples.of("test " + operands, (a, _) -> a.test(to, from)),
                Samples.of("imul " + operands, (a, _) -> a.imul(to, from))));
        for (GpOp op : GpOp.values()) {
            all.add(Samples.of(name(op) + " " + operands, (a, _) -> a.op(op, to, from)));
        }
        return all;
    }

    private static List<Sample> single(Gp register) {
        String name = Address.name(register);
        return List.of(
                Samples.of("push " + name, (a, _) -> a.push(register)),
                Samples.of("pop " + name, (a, _) -> a.pop(register)),
                Samples.of("shl " + name + ",cl", (a, _) -> a.shlByCl(register)));
    }

    private static List<Sample> withValue(Gp to, int value) {
        List<Sample> all = new ArrayList<>(List.of(move(to, value)));
        for (GpOp op : GpOp.values()) {
            all.add(Samples.of(name(op) + " " + Address.name(to) + "," + hex(value), (a, _) -> a.op(op, to, value)));
        }
        return all;
    }

    private static Sample multiply(Gp to, Gp from, int value) {
        return Samples.of(
                "imul %s,%s,%s".formatted(Address.name(to), Address.name(from), hex(value)),
                (a, _) -> a.imul(to, from, value));
    }

    /** The shortest of three: 32 bits that clear the upper half, 32 bits sign-extended, 64 bits. */
    private static Sample move(Gp to, long value) {
        String text = value >= 0 && value < 1L << 32
                ? "mov " + Address.name32(to)
                : (value == (int) value ? "mov " : "movabs ") + Address.name(to);
        return Samples.of(text + "," + hex(value), (a, _) -> a.mov(to, value));
    }

    private static List<Sample> shifts(Gp register, int count) {
        String operands = Address.name(register) + "," + (count == 1 ? "1" : hex(count));
        return List.of(
                Samples.of("shl " + operands, (a, _) -> a.shl(register, count)),
                Samples.of("shr " + operands, (a, _) -> a.shr(register, count)));
    }

    private static List<Sample> masks(Gp register, Mask mask) {
        String k = mask.name().toLowerCase(Locale.ROOT);
        return List.of(
                Samples.of("kmovw " + k + "," + Address.name32(register), (a, _) -> a.kmovw(mask, register)),
                Samples.of("kmovw " + Address.name32(register) + "," + k, (a, _) -> a.kmovw(register, mask)));
    }

    private static List<Sample> moves(Gp register, int vector) {
        String xmm = "xmm" + vector;
        return List.of(
                Samples.of(
                        "vmovd " + xmm + "," + Address.name32(register), (a, _) -> a.vmovd(Vec.xmm(vector), register)),
                Samples.of(
                        "vmovd " + Address.name32(register) + "," + xmm, (a, _) -> a.vmovd(register, Vec.xmm(vector))));
    }

    /** Every instruction with an operand in memory. */
    static List<Sample> memory(Gp register, Address address) {
        String wide = Address.name(register);
        String narrow = Address.name32(register);
        String at = address.text();
        List<Sample> all = new ArrayList<>(List.of(
                Samples.of("mov " + wide + ",QWORD PTR " + at, (a, end) -> a.load(register, address.memory(end))),
                Samples.of("mov " + narrow + ",DWORD PTR " + at, (a, end) -> a.load32(register, address.memory(end))),
                Samples.of(
                        "movzx " + narrow + ",BYTE PTR " + at, (a, end) -> a.loadByte(register, address.memory(end))),
                Samples.of("mov QWORD PTR " + at + "," + wide, (a, end) -> a.store(address.memory(end), register)),
                Samples.of("mov DWORD PTR " + at + "," + narrow, (a, end) -> a.store32(address.memory(end), register)),
                Samples.of("lea " + wide + "," + at, (a, end) -> a.lea(register, address.memory(end))),
                Samples.of("prefetcht0 BYTE PTR " + at, (a, end) -> a.prefetch(address.memory(end))),
                Samples.of("prefetcht1 BYTE PTR " + at, (a, end) -> a.prefetchLevel2(address.memory(end)))));
        String word = narrow.startsWith("e") ? narrow.substring(1) : wide + "w";
        all.add(Samples.of(
                "movzx " + narrow + ",WORD PTR " + at, (a, end) -> a.loadWord(register, address.memory(end))));
        all.add(Samples.of("mov WORD PTR " + at + "," + word, (a, end) -> a.storeWord(address.memory(end), register)));
        // Of RSP, RBP, RSI and RDI the low byte is not stored.
        if (word.endsWith("x") || word.endsWith("w")) {
            String low = word.endsWith("x") ? word.replace('x', 'l') : wide + "b";
            all.add(Samples.of(
                    "mov BYTE PTR " + at + "," + low, (a, end) -> a.storeByte(address.memory(end), register)));
        }
        for (GpOp op : GpOp.values()) {
            all.add(Samples.of(
                    name(op) + " " + wide + ",QWORD PTR " + at, (a, end) -> a.op(op, register, address.memory(end))));
        }
        return all;
    }

    private static String name(GpOp op) {
        return op.name().toLowerCase(Locale.ROOT);
    }

    private static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }
}
