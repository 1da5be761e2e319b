package kawi.kernels.assembled.x86;

import java.util.ArrayList;
import java.util.List;
import kawi.assembler.x86.Mem;
import kawi.kernels.assembled.QuantLayout;

/** The table of the integers of a layout's codes, as the operand of a shuffle of bytes. */
final class CodeTable {

    private static final int ENTRIES = 16;

    private CodeTable() {}

    /**
     * A constant as wide as a vector.
     *
     * @param signed whether the integers are signed; otherwise they have the layout's offset
     */
    static Mem in(KernelCode code, QuantLayout layout, boolean signed) {
        List<Integer> words = new ArrayList<>();
        for (int i = 0; i < code.isa.lanes(); i++) {
            int word = 0;
            for (int j = 0; j < Integer.BYTES; j++) {
                int entry = (i * Integer.BYTES + j) % ENTRIES;
                if (entry < layout.values().size()) {
                    int value = layout.values().get(entry) + (signed ? 0 : layout.offset());
                    word |= (value & 0xff) << (j * Byte.SIZE);
                }
            }
            words.add(word);
        }
        return code.a.constant(words);
    }
}
