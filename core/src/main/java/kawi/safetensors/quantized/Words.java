package kawi.safetensors.quantized;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Numbers of 4 or 8 bits in words of 32 bits, the first in the lowest bits. */
final class Words {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private Words() {}

    /** Writes the numbers of a word as bytes without sign. */
    static void unpack(int word, int bits, byte[] out, int at) {
        if (bits == 8) {
            INTS.set(out, at, word);
            return;
        }
        // Moves the nibbles apart: halves of the word, then bytes, then nibbles.
        long lanes = word & 0xffff_ffffL;
        lanes = (lanes | (lanes << 16)) & 0x0000_ffff_0000_ffffL;
        lanes = (lanes | (lanes << 8)) & 0x00ff_00ff_00ff_00ffL;
        lanes = (lanes | (lanes << 4)) & 0x0f0f_0f0f_0f0f_0f0fL;
        LONGS.set(out, at, lanes);
    }
}
