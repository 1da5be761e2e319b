package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.Condition.EQUAL;
import static kawi.assembler.a64.Condition.GREATER;
import static kawi.assembler.a64.Condition.LESS;
import static kawi.assembler.a64.Condition.NOT_EQUAL;
import static kawi.assembler.a64.Gp.X1;
import static kawi.assembler.a64.Gp.X10;
import static kawi.assembler.a64.Gp.X11;
import static kawi.assembler.a64.Gp.X2;
import static kawi.assembler.a64.Gp.X3;
import static kawi.assembler.a64.Gp.X4;
import static kawi.assembler.a64.Gp.X5;
import static kawi.assembler.a64.Gp.X6;
import static kawi.assembler.a64.Gp.X7;
import static kawi.assembler.a64.Gp.X8;
import static kawi.assembler.a64.Gp.X9;
import static kawi.assembler.a64.VectorOp.TRN1;
import static kawi.assembler.a64.VectorOp.TRN2;
import static kawi.kernels.assembled.MatrixArguments.FloatPacking.BLOCK;
import static kawi.kernels.assembled.MatrixArguments.FloatPacking.BLOCKS;
import static kawi.kernels.assembled.MatrixArguments.FloatPacking.GROUP_BYTES;
import static kawi.kernels.assembled.MatrixArguments.FloatPacking.IN;
import static kawi.kernels.assembled.MatrixArguments.FloatPacking.ODD;
import static kawi.kernels.assembled.MatrixArguments.FloatPacking.OUT;
import static kawi.kernels.assembled.MatrixArguments.FloatPacking.REST;
import static kawi.kernels.assembled.MatrixArguments.FloatPacking.ROWS;
import static kawi.kernels.assembled.MatrixArguments.FloatPacking.ROW_BYTES;

import kawi.assembler.Label;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.GpOp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.Shape;
import kawi.assembler.a64.Shift;
import kawi.assembler.a64.Vec;
import kawi.kernels.assembled.AssembledLayout;
import kawi.kernels.assembled.FloatLayout;

/**
 * Emits the packing of float rows into {@link FloatLayout}: a transposition of 16 rows, where an element is an f32, an
 * f16 or a pair of bf16.
 *
 * <pre>
 *    for each group of 16 rows
 *      for each 16 elements of a row
 *        if the group has all its rows: for as many elements as a vector has
 *          load 16 vectors, one from each row; transpose them; store them
 *        otherwise: element by element
 *      for each further element of a row: the same element by element
 * </pre>
 *
 * <p>Squares of n rows of n elements are transposed by exchanging pairs of registers 1, 2, ... n / 2 apart: TRN1 and
 * TRN2 on elements of 1, 2, ... n / 2 times the size. Each exchange leads from one half of the registers to the other.
 */
final class FloatPackingCode {

    private static final int ALL = AssembledLayout.ROWS;

    // ---- general-purpose registers

    private static final Gp GROUP = X1;
    private static final Gp TO = X2;
    private static final Gp FIRST_ROW = X3;
    private static final Gp FROM = X4;
    private static final Gp AT = X5;
    private static final Gp ROW_DISTANCE = X6;
    private static final Gp ROWS_LEFT = X7;
    private static final Gp LEFT = X8;
    private static final Gp ROW = X9;
    private static final Gp VALUE = X10;
    private static final Gp ROW_TO = X11;

    private final Assembler a;
    private final FloatLayout layout;
    private final int element;

    private FloatPackingCode(A64Code code, FloatLayout layout) {
        this.a = code.a;
        this.layout = layout;
        this.element = layout.elementBytes();
    }

    static void emit(A64Code code, FloatLayout layout) {
        new FloatPackingCode(code, layout).emit();
    }

    private void emit() {
        a.ldr(GROUP, A64Code.arg(OUT));
        a.ldr(FIRST_ROW, A64Code.arg(IN));
        a.ldr(ROW_DISTANCE, A64Code.arg(ROW_BYTES));
        a.ldr(ROWS_LEFT, A64Code.arg(ROWS));
        Label group = a.here();
        a.mov(TO, GROUP);
        a.mov(FROM, FIRST_ROW);
        Label fewRows = a.label();
        Label rest = a.label();
        a.cmp(ROWS_LEFT, ALL);
        a.b(LESS, fewRows);
        times(BLOCKS, this::transpose);
        a.b(rest);
        a.bind(fewRows);
        times(BLOCKS, () -> {
            eachRow(() -> {
                for (int i = 0; i < BLOCK; i++) {
                    move(i);
                }
            });
            next(BLOCK);
        });
        a.bind(rest);
        times(REST, () -> {
            eachRow(() -> move(0));
            next(1);
        });
        times(
                ODD,
                () -> eachRow(() -> {
                    a.ldrh(VALUE, Mem.at(AT));
                    a.strw(VALUE, Mem.at(ROW_TO));
                }));

        a.op(GpOp.ADD, FIRST_ROW, FIRST_ROW, ROW_DISTANCE, Shift.LSL, Integer.numberOfTrailingZeros(ALL));
        a.ldr(VALUE, A64Code.arg(GROUP_BYTES));
        a.op(GpOp.ADD, GROUP, GROUP, VALUE);
        a.op(GpOp.SUBS, ROWS_LEFT, ROWS_LEFT, ALL);
        a.b(GREATER, group);
    }

    private void times(int count, Runnable body) {
        Label end = a.label();
        a.ldr(LEFT, A64Code.arg(count));
        a.cbz(LEFT, end);
        Label again = a.here();
        body.run();
        a.op(GpOp.SUB, LEFT, LEFT, 1);
        a.cbnz(LEFT, again);
        a.bind(end);
    }

    // ---- all rows

    private void transpose() {
        int perVector = A64Code.VECTOR_BYTES / element;
        for (int i = 0; i < BLOCK; i += perVector) {
            a.mov(AT, FROM);
            for (int row = 0; row < ALL; row++) {
                a.ld1(A64Code.v(row), 1, Mem.post(AT, ROW_DISTANCE));
            }
            a.op(GpOp.ADD, FROM, FROM, A64Code.VECTOR_BYTES);
            int at = 0;
            for (int distance = 1; distance < perVector; distance *= 2) {
                exchange(at, ALL - at, distance);
                at = ALL - at;
            }
            for (int column = 0; column < perVector; column++) {
                for (int row = 0; row < ALL; row += 2 * perVector) {
                    Vec first = A64Code.v(at + row + column);
                    Vec second = A64Code.v(at + row + perVector + column);
                    a.stp(first.q(), second.q(), Mem.post(TO, 2 * A64Code.VECTOR_BYTES));
                }
            }
        }
    }

    /** Exchanges elements between the registers {@code distance} apart. */
    private void exchange(int from, int to, int distance) {
        Shape shape = switch (element * distance) {
            case Short.BYTES -> Shape.H8;
            case Integer.BYTES -> Shape.S4;
            default -> Shape.D2;
        };
        for (int i = 0; i < ALL; i++) {
            if ((i & distance) == 0) {
                Vec first = A64Code.v(from + i).as(shape);
                Vec second = A64Code.v(from + i + distance).as(shape);
                a.op(TRN1, A64Code.v(to + i).as(shape), first, second);
                a.op(TRN2, A64Code.v(to + i + distance).as(shape), first, second);
            }
        }
    }

    // ---- element by element

    private void eachRow(Runnable body) {
        a.mov(AT, FROM);
        a.mov(ROW_TO, TO);
        a.mov(ROW, 0);
        Label row = a.here();
        Label end = a.label();
        body.run();
        a.op(GpOp.ADD, AT, AT, ROW_DISTANCE);
        a.op(GpOp.ADD, ROW_TO, ROW_TO, element);
        a.op(GpOp.ADD, ROW, ROW, 1);
        a.cmp(ROW, ROWS_LEFT);
        a.b(EQUAL, end);
        a.cmp(ROW, ALL);
        a.b(NOT_EQUAL, row);
        a.bind(end);
    }

    private void move(int i) {
        Mem from = Mem.at(AT, i * element);
        Mem to = Mem.at(ROW_TO, i * ALL * element);
        if (layout == FloatLayout.F16) {
            a.ldrh(VALUE, from);
            a.strh(VALUE, to);
        } else {
            a.ldrw(VALUE, from);
            a.strw(VALUE, to);
        }
    }

    private void next(int elements) {
        a.op(GpOp.ADD, FROM, FROM, (long) elements * element);
        a.op(GpOp.ADD, TO, TO, (long) elements * ALL * element);
    }
}
