package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.VectorOp.AND;
import static kawi.assembler.a64.VectorOp.BIF;
import static kawi.assembler.a64.VectorOp.BIT;
import static kawi.assembler.a64.VectorOp.EOR;
import static kawi.assembler.a64.VectorOp.FCVTL;
import static kawi.assembler.a64.VectorOp.FCVTL2;
import static kawi.assembler.a64.VectorOp.FMUL;
import static kawi.assembler.a64.VectorOp.SCVTF;
import static kawi.assembler.a64.VectorOp.SHL;
import static kawi.assembler.a64.VectorOp.SLI;
import static kawi.assembler.a64.VectorOp.SRI;
import static kawi.assembler.a64.VectorOp.SSHLL;
import static kawi.assembler.a64.VectorOp.SSHLL2;
import static kawi.assembler.a64.VectorOp.USHR;
import static kawi.assembler.a64.VectorOp.ZIP1;
import static kawi.assembler.a64.VectorOp.ZIP2;

import java.util.Arrays;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.Vec;
import kawi.kernels.assembled.QuantLayout;

/**
 * Emits the unpacking of weights in {@link QuantLayout} to {@link Multiplicands}.
 *
 * <pre>
 *    a field that lies lowest                 and
 *    one that lies highest                    ushr
 *    another one                              ushr or shl, and
 *    upper bits from a plane                  ushr or shl, bit: it inserts the bits of a mask
 *    a table                                  tbl
 *    8 bits                                   eor, which inverts the sign
 * </pre>
 *
 * <p>The first and the second 16 columns are often fields of the same bytes. If there are enough registers, the bytes
 * of both are loaded once; those of 4 bits and more are unpacked at the same time, the first columns in place:
 *
 * <pre>
 *    5 bits    shifted = plane >> c; bits 0 and 4 of it alone
 *              second = packed >> 4, with bit 4 of shifted inserted; sli packed, shifted, 4
 *    6 bits    bits 0, 1, 4, 5 of the plane, and of the plane >> 2, which belong to columns 0 and 2, 1 and 3 of 4
 *              second = these, or these << 4; sri second, packed, 4
 *              sli packed, these, 4, or the upper bits of these inserted
 * </pre>
 */
final class QuantWeights implements BlockWeights {

    private static final int CHUNK = 64;
    private static final int HALF_BYTES = 32;
    private static final int HALF_ROWS = 8;

    /** From this chunk on, layouts of more than 4 bits have planes of upper bits. */
    private static final int PLANES = 4;

    private static final int NONE = -1;

    private final Assembler a;
    private final QuantLayout layout;
    private final Gp quants;
    private final Gp scales;
    private final Gp factors;
    /** Whether both 16 columns of a block are unpacked at the same time. */
    private final boolean both;

    /** The second 16 columns of a block, or any. */
    private final Vec[] unpacked;

    /** The first 16 columns, if both are unpacked at the same time. */
    private final Vec[] first;

    /** Pairs of registers with packed bytes. */
    private final Vec[] packed;

    /** The chunk in each pair. */
    private final int[] held;

    /** Whether all chunks of a block have registers. */
    private final boolean kept;

    /** The mask of the bits of a field, or the sign bits of 8 bits. */
    private final Vec lowBits;

    private final Vec upperBits;
    private final Vec shifted;
    private final Vec fields;
    private final Vec table;

    /**
     * @param quants the address of the block's quants
     * @param scales that of its scales
     * @param factors that of the factors of its unit
     * @param kept whether to take {@link #keptRegisters} instead of {@link #registers}
     */
    QuantWeights(Assembler a, QuantLayout layout, Gp quants, Gp scales, Gp factors, Registers registers, boolean kept) {
        this.a = a;
        this.layout = layout;
        this.quants = quants;
        this.scales = scales;
        this.factors = factors;
        this.both = kept && both(layout);
        this.kept = kept && !both && pairs(layout, true) > 0;
        this.unpacked = registers.take(2 * Multiplicands.CHUNKS);
        this.first = both ? registers.take(2 * Multiplicands.CHUNKS) : unpacked;
        this.packed = registers.take(2 * pairs(layout, kept));
        this.held = new int[packed.length / 2];
        this.lowBits = registers.take();
        boolean planes = upperMask(layout) != 0;
        this.upperBits = planes ? registers.take() : lowBits;
        this.shifted = planes ? registers.take() : lowBits;
        this.fields = planes && both ? registers.take() : lowBits;
        this.table = layout.lookup() ? registers.take() : lowBits;
    }

    /** Whether both 16 columns of a block can be unpacked at the same time. */
    private static boolean both(QuantLayout layout) {
        return layout.bits() >= 4 && layout.bits() <= 6;
    }

    /** The number of registers that unpacking needs. */
    static int registers(QuantLayout layout) {
        return 2 * Multiplicands.CHUNKS + 2 * pairs(layout, false) + constants(layout);
    }

    /** The same if the bytes of a block are loaded once. */
    static int keptRegisters(QuantLayout layout) {
        int more = both(layout) ? 2 * Multiplicands.CHUNKS + (upperMask(layout) != 0 ? 1 : 0) : 0;
        return 2 * Multiplicands.CHUNKS + more + 2 * pairs(layout, true) + constants(layout);
    }

    private static int constants(QuantLayout layout) {
        return 1 + (upperMask(layout) != 0 ? 2 : 0) + (layout.lookup() ? 1 : 0);
    }

    /** Chunks that are in registers at the same time, besides those in the registers of the result. */
    private static int pairs(QuantLayout layout, boolean kept) {
        return switch (layout.bits()) {
            case 1, 2 -> kept ? layout.bits() : 1;
            case 3 -> kept ? 3 : 2;
            case 5, 6 -> 1;
            default -> 0;
        };
    }

    private static int upperMask(QuantLayout layout) {
        return switch (layout.bits()) {
            case 3 -> 4;
            case 5 -> 0x10;
            case 6 -> 0x30;
            default -> 0;
        };
    }

    private static int lowMask(QuantLayout layout) {
        return switch (layout.bits()) {
            case 1 -> 1 << layout.oneBit();
            case 2 -> 3;
            case 3 -> 7;
            case 8 -> 0x80;
            default -> 15;
        };
    }

    @Override
    public void loadConstants() {
        a.movi(lowBits.b16(), lowMask(layout));
        if (layout.lookup()) {
            a.ldr(table.q(), CodeTable.in(a, layout));
        }
        if (upperMask(layout) != 0) {
            a.movi(upperBits.b16(), upperMask(layout));
        }
        if (both && upperMask(layout) != 0) {
            a.movi(fields.b16(), layout.bits() == 5 ? 0x11 : 0x33);
        }
    }

    @Override
    public Vec[] unpacked(int pass) {
        return pass == 0 ? first : unpacked;
    }

    @Override
    public void start(int half) {
        Arrays.fill(held, NONE);
    }

    @Override
    public void unpack(int half, int pass) {
        if (both) {
            if (pass == 0) {
                unpackBoth(half);
            }
            return;
        }
        for (int c = 0; c < Multiplicands.CHUNKS; c++) {
            int column = Multiplicands.CHUNKS * pass + c;
            switch (layout.bits()) {
                case 1 -> field(c, raw(half, 0, c), column - layout.oneBit(), false);
                case 2 -> field(c, raw(half, pass, c), 2 * c, c == 3);
                case 3 -> threeBits(half, column, c);
                case 8 -> field(c, raw(half, column, c), 0, false);
                default -> field(c, raw(half, c, c), PLANES * pass, pass == 1);
            }
            switch (layout.bits()) {
                case 5 -> insert(c, raw(half, PLANES, c), column - 4);
                case 6 -> insert(c, raw(half, PLANES + pass, c), 2 * c - 4);
                default -> {}
            }
            lookUp(unpacked[2 * c], unpacked[2 * c + 1]);
        }
    }

    private void lookUp(Vec... codes) {
        if (layout.lookup()) {
            for (Vec vec : codes) {
                a.tbl(vec.b16(), table.b16(), 1, vec.b16());
            }
        }
    }

    private void unpackBoth(int half) {
        for (int c = 0; c < Multiplicands.CHUNKS; c++) {
            load(first[2 * c], first[2 * c + 1], c, half);
        }
        switch (layout.bits()) {
            case 5 -> fiveBits(half);
            case 6 -> sixBits(half);
            default -> {
                for (int i = 0; i < first.length; i++) {
                    a.op(USHR, unpacked[i].b16(), first[i].b16(), 4);
                    a.op(AND, first[i].b16(), first[i].b16(), lowBits.b16());
                }
            }
        }
        lookUp(first);
        lookUp(unpacked);
    }

    private void fiveBits(int half) {
        load(packed[0], packed[1], PLANES, half);
        Vec bits = shifted.b16();
        for (int i = 0; i < first.length; i++) {
            Vec plane = packed[i % 2].b16();
            if (i / 2 > 0) {
                a.op(USHR, bits, plane, i / 2);
                plane = bits;
            }
            a.op(AND, bits, plane, fields.b16());
            a.op(USHR, unpacked[i].b16(), first[i].b16(), 4);
            a.op(BIT, unpacked[i].b16(), bits, upperBits.b16());
            a.op(SLI, first[i].b16(), bits, 4);
        }
    }

    private void sixBits(int half) {
        load(packed[0], packed[1], PLANES + 1, half);
        for (int v = 0; v < 2; v++) {
            Vec even = unpacked[4 + v].b16();
            Vec odd = unpacked[6 + v].b16();
            a.op(USHR, odd, packed[v].b16(), 2);
            a.op(AND, even, packed[v].b16(), fields.b16());
            a.op(AND, odd, odd, fields.b16());
            a.op(SHL, unpacked[v].b16(), even, 4);
            a.op(SHL, unpacked[2 + v].b16(), odd, 4);
        }
        for (int i = 0; i < first.length; i++) {
            a.op(SRI, unpacked[i].b16(), first[i].b16(), 4);
        }
        load(packed[0], packed[1], PLANES, half);
        for (int v = 0; v < 2; v++) {
            Vec even = packed[v].b16();
            Vec odd = shifted.b16();
            a.op(USHR, odd, even, 2);
            a.op(AND, even, even, fields.b16());
            a.op(AND, odd, odd, fields.b16());
            a.op(SLI, first[v].b16(), even, 4);
            a.op(SLI, first[2 + v].b16(), odd, 4);
            a.op(BIF, first[4 + v].b16(), even, lowBits.b16());
            a.op(BIF, first[6 + v].b16(), odd, lowBits.b16());
        }
    }

    private void load(Vec even, Vec odd, int chunk, int half) {
        a.ldp(even.q(), odd.q(), Mem.at(quants, chunk * CHUNK + half * HALF_BYTES));
    }

    private void threeBits(int half, int column, int c) {
        if (column < 6) {
            field(c, raw(half, column / 2, c), column % 2 * 3, false);
        } else {
            field(c, raw(half, column % 2, c), 6, true);
            insert(c, raw(half, 2, c), column - 2);
        }
    }

    /** Loads a chunk's bytes of some rows, unless they are in registers. */
    private Vec[] raw(int half, int chunk, int c) {
        int pair = kept ? chunk : layout.bits() == 3 ? chunk / 2 : 0;
        boolean own = packed.length == 0 || (!kept && layout.bits() > 3 && chunk < PLANES);
        Vec[] registers = own ? pair(unpacked, c) : pair(packed, pair);
        if (own || held[pair] != chunk) {
            load(registers[0], registers[1], chunk, half);
        }
        if (!own) {
            held[pair] = chunk;
        }
        return registers;
    }

    private static Vec[] pair(Vec[] all, int index) {
        return new Vec[] {all[2 * index], all[2 * index + 1]};
    }

    /** @param highest whether there are no bits above the field */
    private void field(int c, Vec[] from, int right, boolean highest) {
        for (int v = 0; v < 2; v++) {
            Vec to = unpacked[2 * c + v].b16();
            if (layout.bits() == Byte.SIZE) {
                a.op(EOR, to, from[v].b16(), lowBits.b16());
                continue;
            }
            Vec bits = from[v].b16();
            if (right != 0) {
                shift(to, bits, right);
                bits = to;
            }
            if (!highest) {
                a.op(AND, to, bits, lowBits.b16());
            }
        }
    }

    private void insert(int c, Vec[] plane, int right) {
        for (int v = 0; v < 2; v++) {
            Vec bits = plane[v].b16();
            if (right != 0) {
                shift(shifted.b16(), bits, right);
                bits = shifted.b16();
            }
            a.op(BIT, unpacked[2 * c + v].b16(), bits, upperBits.b16());
        }
    }

    private void shift(Vec to, Vec from, int right) {
        if (right > 0) {
            a.op(USHR, to, from, right);
        } else {
            a.op(SHL, to, from, -right);
        }
    }

    // ---- scales

    @Override
    public void scale(Vec[] to, int half, int run, Vec[] spare) {
        scale(to, half, run * layout.runScaleBytes(), 0, spare);
    }

    @Override
    public void minimum(Vec[] to, int half, int run, Vec[] spare) {
        int share = layout.runScaleBytes() / 2;
        scale(to, half, run * layout.runScaleBytes() + share, layout.factorBytes() / 2, spare);
    }

    private void scale(Vec[] to, int half, int at, int factorAt, Vec[] spare) {
        switch (layout.scales()) {
            case HALF -> halves(to, Mem.at(scales, at + half * HALF_ROWS * Short.BYTES));
            case UPPER -> {
                a.ldr(to[1].q(), Mem.at(scales, at + half * HALF_ROWS * Short.BYTES));
                a.movi(spare[0].b16(), 0);
                a.op(ZIP1, to[0].h8(), spare[0].h8(), to[1].h8());
                a.op(ZIP2, to[1].h8(), spare[0].h8(), to[1].h8());
            }
            case FACTORED -> {
                multiples(to, at, half);
                halves(spare, Mem.at(factors, factorAt + half * HALF_ROWS * Short.BYTES));
                a.op(FMUL, to[0].s4(), to[0].s4(), spare[0].s4());
                a.op(FMUL, to[1].s4(), to[1].s4(), spare[1].s4());
            }
            case MULTIPLES -> {
                multiples(to, at, half);
                a.ldp(spare[0].q(), spare[1].q(), Mem.at(factors, factorAt + half * HALF_ROWS * Float.BYTES));
                a.op(FMUL, to[0].s4(), to[0].s4(), spare[0].s4());
                a.op(FMUL, to[1].s4(), to[1].s4(), spare[1].s4());
            }
            case PLAIN -> a.ldp(to[0].q(), to[1].q(), Mem.at(scales, at + half * HALF_ROWS * Float.BYTES));
        }
    }

    private void halves(Vec[] to, Mem from) {
        a.ldr(to[1].q(), from);
        a.op(FCVTL, to[0].s4(), to[1].h4());
        a.op(FCVTL2, to[1].s4(), to[1].h8());
    }

    private void multiples(Vec[] to, int at, int half) {
        a.ldr(to[1].d(), Mem.at(scales, at + half * HALF_ROWS));
        a.op(SSHLL, to[1].h8(), to[1].b8(), 0);
        a.op(SSHLL, to[0].s4(), to[1].h4(), 0);
        a.op(SSHLL2, to[1].s4(), to[1].h8(), 0);
        a.op(SCVTF, to[0].s4(), to[0].s4());
        a.op(SCVTF, to[1].s4(), to[1].s4());
    }
}
