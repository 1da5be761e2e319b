package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.Condition.GREATER_OR_EQUAL;
import static kawi.assembler.a64.Condition.LESS;

import java.util.function.IntConsumer;
import kawi.assembler.Label;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.GpOp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.Vec;
import kawi.kernels.assembled.QuantLayout;

/**
 * Emits the begin and the end of a product of 16 rows: loads and stores its outputs, limited to the rows that exist.
 *
 * @param first the address of the output of the first row and token 0
 * @param stride the distance between tokens
 * @param rows the number of rows from the first row on
 * @param at is overwritten, as also X16
 * @param count is overwritten
 */
record ProductOutputs(A64Code code, Gp first, Gp stride, Gp rows, Gp at, Gp count) {

    private static final int VECTORS = QuantLayout.ROWS / A64Code.LANES;

    /** Stores {@code outputs[4 t + v]}, rows {@code 4 v} to {@code 4 v + 3} of token t. */
    void store(Vec[] outputs) {
        Assembler a = code.a;
        forRows(
                outputs.length / VECTORS,
                t -> {
                    a.stp(outputs[VECTORS * t].q(), outputs[VECTORS * t + 1].q(), Mem.at(at));
                    a.stp(outputs[VECTORS * t + 2].q(), outputs[VECTORS * t + 3].q(), Mem.at(at, 32));
                },
                i -> a.str(outputs[i].q(), Mem.post(at, A64Code.VECTOR_BYTES)),
                i -> code.storeTail(at, outputs[i], count));
    }

    /** Loads the same; lanes of rows that do not exist are undefined. */
    void load(Vec[] outputs) {
        Assembler a = code.a;
        forRows(
                outputs.length / VECTORS,
                t -> {
                    a.ldp(outputs[VECTORS * t].q(), outputs[VECTORS * t + 1].q(), Mem.at(at));
                    a.ldp(outputs[VECTORS * t + 2].q(), outputs[VECTORS * t + 3].q(), Mem.at(at, 32));
                },
                i -> a.ldr(outputs[i].q(), Mem.post(at, A64Code.VECTOR_BYTES)),
                i -> code.loadTail(outputs[i], at, count));
    }

    private void forRows(int tokens, IntConsumer all, IntConsumer whole, IntConsumer part) {
        Assembler a = code.a;
        Label partial = a.label();
        Label end = a.label();
        a.mov(at, first);
        a.cmp(rows, QuantLayout.ROWS);
        a.b(LESS, partial);
        for (int t = 0; t < tokens; t++) {
            if (t > 0) {
                a.op(GpOp.ADD, at, at, stride);
            }
            all.accept(t);
        }
        a.b(end);
        a.bind(partial);
        for (int t = 0; t < tokens; t++) {
            Label next = a.label();
            a.mov(count, t);
            a.madd(at, count, stride, first);
            a.mov(count, rows);
            for (int v = 0; v < VECTORS; v++) {
                Label fourRows = a.label();
                a.cmp(count, A64Code.LANES);
                a.b(GREATER_OR_EQUAL, fourRows);
                part.accept(VECTORS * t + v);
                a.b(next);
                a.bind(fourRows);
                whole.accept(VECTORS * t + v);
                a.op(GpOp.SUB, count, count, A64Code.LANES);
            }
            a.bind(next);
        }
        a.bind(end);
    }
}
