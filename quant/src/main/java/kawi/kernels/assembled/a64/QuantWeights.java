package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.VectorOp.AND;
import static kawi.assembler.a64.VectorOp.BIT;
import static kawi.assembler.a64.VectorOp.EOR;
import static kawi.assembler.a64.VectorOp.FCVTL;
import static kawi.assembler.a64.VectorOp.FCVTL2;
import static kawi.assembler.a64.VectorOp.FMUL;
import static kawi.assembler.a64.VectorOp.SCVTF;
import static kawi.assembler.a64.VectorOp.SHL;
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
 * of both are loaded once.
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
    private final Vec[] unpacked;

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
    private final Vec table;

    /**
     * @param quants the address of the block's quants
     * @param scales that of its scales
     * @param factors that of the factors of its unit
     * @param kept whether to take {@link #keptRegisters} instead of {@link #registers}
     */
    QuantWeights(
            Assembler a, QuantLayout layout, Gp quants, Gp scales, Gp factors, Registers registers, boolean kept) {
        this.a = a;
        this.layout = layout;
        this.quants = quants;
        this.scales = scales;
        this.factors = factors;
        this.kept = kept && pairs(layout, true) > 0;
        this.unpacked = registers.take(2 * Multiplicands.CHUNKS);
        this.packed = registers.take(2 * pairs(layout, kept));
        this.held = new int[packed.length / 2];
        this.lowBits = registers.take();
        boolean planes = upperMask(layout) != 0;
        this.upperBits = planes ? registers.take() : lowBits;
        this.shifted = planes ? registers.take() : lowBits;
        this.table = layout.lookup() ? registers.take() : lowBits;
    }

    /** The number of registers that unpacking needs. */
    static int registers(QuantLayout layout) {
        return 2 * Multiplicands.CHUNKS + 2 * pairs(layout, false) + constants(layout);
    }

    /** The same if the bytes of a block are loaded once. */
    static int keptRegisters(QuantLayout layout) {
        return 2 * Multiplicands.CHUNKS + 2 * pairs(layout, true) + constants(layout);
    }

    private static int constants(QuantLayout layout) {
        return 1 + (upperMask(layout) != 0 ? 2 : 0) + (layout.lookup() ? 1 : 0);
    }

    /** Chunks that are in registers at the same time, besides those in the registers of the result. */
    private static int pairs(QuantLayout layout, boolean kept) {
        return switch (layout.bits()) {
            case 1, 2 -> kept ? layout.bits() : 1;
            case 3 -> kept ? 3 : 2;
            case 4 -> kept ? 4 : 0;
            case 5, 6 -> kept ? layout.bits() : 1;
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
    }

    @Override
    public Vec[] unpacked() {
        return unpacked;
    }

    @Override
    public void start(int half) {
        Arrays.fill(held, NONE);
    }

    @Override
    public void unpack(int half, int pass) {
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
            if (layout.lookup()) {
                for (int v = 0; v < 2; v++) {
                    Vec to = unpacked[2 * c + v].b16();
                    a.tbl(to, table.b16(), 1, to);
                }
            }
        }
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
        Mem from = Mem.at(quants, chunk * CHUNK + half * HALF_BYTES);
        boolean own = packed.length == 0 || (!kept && layout.bits() > 3 && chunk < PLANES);
        Vec[] registers = own ? pair(unpacked, c) : pair(packed, pair);
        if (own || held[pair] != chunk) {
            a.ldp(registers[0].q(), registers[1].q(), from);
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
