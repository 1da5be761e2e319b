package kawi.kernels.assembled.a64;

import java.util.List;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Mem;
import kawi.kernels.assembled.QuantLayout;

/** The table of the integers of a layout's codes, as the operand of a look-up of bytes. */
final class CodeTable {

    private static final int ENTRIES = 16;

    private CodeTable() {}

    /** A constant of 128 bits. */
    static Mem in(Assembler a, QuantLayout layout) {
        List<Byte> values = layout.values();
        int[] bytes = new int[ENTRIES];
        for (int i = 0; i < values.size(); i++) {
            bytes[i] = values.get(i) & 0xff;
        }
        return a.constantBytes(bytes);
    }
}
