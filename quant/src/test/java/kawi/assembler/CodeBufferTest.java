package kawi.assembler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.Condition;
import kawi.assembler.x86.Gp;
import kawi.assembler.x86.Mem;
import kawi.assembler.x86.Vec;
import kawi.assembler.x86.VectorOp;
import org.junit.jupiter.api.Test;

/** Labels, distances, alignment and constants. */
class CodeBufferTest {

    private final Assembler a = new Assembler();

    @Test
    void aProgramOfJumpsIsThatOfGnuAs() throws IOException {
        GnuTools.X86_64.assumeInstalled();
        StringBuilder source = new StringBuilder();
        Label end = a.label();
        Label middle = a.label();
        Label start = a.here();
        source.append("start:\n");
        for (Condition condition : Condition.values()) {
            a.jump(condition, end);
            a.jump(condition, start);
            a.jump(condition, middle);
            String name = mnemonic(condition);
            source.append("{disp32} %s end\n{disp32} %s start\n{disp32} %s middle\n".formatted(name, name, name));
        }
        a.bind(middle);
        a.jump(start);
        a.jump(end);
        a.lea(Gp.RSI, Mem.at(end).plus(8));
        a.op(VectorOp.VPTERNLOGD, Vec.zmm(3), Vec.zmm(20), Mem.at(middle).plus(-3), 7);
        // More than the buffer starts with.
        for (int i = 0; i < 300; i++) {
            a.mov(Gp.R9, 0x1234_5678_9abc_def0L);
        }
        a.bind(end);
        a.jump(middle);
        Label self = a.here();
        a.jump(self);
        source.append("middle:\n{disp32} jmp start\n{disp32} jmp end\nlea rsi, [rip+end+8]\n")
                .append("vpternlogd zmm3, zmm20, [rip+middle-3], 7\n.rept 300\nmovabs r9, 0x123456789abcdef0\n.endr\n")
                .append("end:\n{disp32} jmp middle\nself: {disp32} jmp self\n");
        assertArrayEquals(GnuTools.X86_64.assembleProgram(source.toString()), a.finish());
    }

    private static String mnemonic(Condition condition) {
        return switch (condition) {
            case BELOW -> "jb";
            case ABOVE_OR_EQUAL -> "jae";
            case EQUAL -> "je";
            case NOT_EQUAL -> "jne";
            case BELOW_OR_EQUAL -> "jbe";
            case ABOVE -> "ja";
            case LESS -> "jl";
            case GREATER_OR_EQUAL -> "jge";
            case LESS_OR_EQUAL -> "jle";
            case GREATER -> "jg";
        };
    }

    @Test
    void distancesCountFromTheEndOfTheInstruction() {
        Label start = a.here();
        a.jump(start);
        Label end = a.label();
        a.jump(Condition.EQUAL, end);
        a.ret();
        a.bind(end);
        assertArrayEquals(
                new byte[] {(byte) 0xE9, -5, -1, -1, -1, 0x0F, (byte) 0x84, 1, 0, 0, 0, (byte) 0xC3}, a.finish());
    }

    @Test
    void anImmediateBehindTheDistanceIsCounted() {
        a.op(VectorOp.VPERMILPS, Vec.xmm(1), a.constant(List.of(1, 2, 3, 4)), 0x1B);
        byte[] code = a.finish();
        // C4 E3 79 04 0D, distance, immediate: ten bytes; the constant is at 16.
        assertEquals(16 - 10, int32(code, 5));
        assertEquals(0x1B, code[9]);
        assertEquals(32, code.length);
    }

    @Test
    void constantsAreAlignedToTheirSize() {
        for (int words : new int[] {1, 2, 4, 8, 16, 32}) {
            for (int before = 0; before < 70; before += 3) {
                Assembler b = new Assembler();
                for (int i = 0; i < before; i++) {
                    b.ret();
                }
                b.lea(Gp.RAX, b.constant(0x0102_0304, words));
                byte[] code = b.finish();
                int lea = before + 7;
                int place = lea + int32(code, before + 3);
                assertEquals(0, place % Math.min(64, 4 * words), "of %d words behind %d bytes".formatted(words, lea));
                assertEquals(place + 4 * words, code.length);
                for (int i = 0; i < words; i++) {
                    assertEquals(0x0102_0304, int32(code, place + 4 * i));
                }
            }
        }
    }

    @Test
    void equalConstantsAreStoredOnce() {
        Mem one = a.constant(1.5f);
        assertEquals(one, a.constant(Float.floatToRawIntBits(1.5f), 1));
        assertEquals(one, a.constant(List.of(0x3FC0_0000)));
        assertEquals(one, a.constantBytes(0, 0, 0xC0, 0x3F));
        a.lea(Gp.RAX, one);
        a.lea(Gp.RAX, a.constant(-0.0f));
        a.lea(Gp.RAX, a.constant(0.0f));
        byte[] code = a.finish();
        assertEquals(21 + 3 + 3 * 4, code.length);
        assertEquals(1.5f, Float.intBitsToFloat(int32(code, 24)));
        assertEquals(Float.floatToRawIntBits(-0.0f), int32(code, 28));
    }

    @Test
    void anElementOfAConstant() {
        a.load32(Gp.RCX, a.constant(List.of(5, 6, 7, 8)).plus(8));
        byte[] code = a.finish();
        assertEquals(16 + 8 - 6, int32(code, 2));
    }

    @Test
    void alignmentFillsWithInstructionsThatDoNothing() throws IOException {
        for (int alignment = 1; alignment <= 128; alignment *= 2) {
            for (int before = 0; before < 40; before++) {
                Assembler b = new Assembler();
                for (int i = 0; i < before; i++) {
                    b.ret();
                }
                b.align(alignment);
                assertEquals(Math.ceilDiv(before, alignment) * alignment, b.finish().length);
            }
        }
        GnuTools.X86_64.assumeInstalled();
        for (int before = 0; before < 64; before++) {
            a.align(64);
            for (int i = 0; i < before; i++) {
                a.ret();
            }
        }
        a.align(64);
        byte[] code = a.finish();
        assertEquals(64 * 63, code.length);
        List<String> rest = GnuTools.X86_64.disassemble(code).stream()
                .map(GnuTools.Line::text)
                .filter(line -> !line.startsWith("ret"))
                .toList();
        assertTrue(
                rest.stream().allMatch(line -> line.startsWith("nop") || line.equals("xchg   ax,ax")), rest::toString);
    }

    @Test
    void finishingTwiceGivesTheSame() {
        a.op(VectorOp.VMOVUPS, Vec.ymm(1), a.constant(7, 8));
        byte[] code = a.finish();
        assertArrayEquals(code, a.finish());
    }

    @Test
    void labelsMustBeBoundOnceAndHere() {
        Label label = a.label();
        a.jump(label);
        assertMessage("a label is used, but not bound", assertThrows(IllegalStateException.class, a::finish));
        a.bind(label);
        assertMessage("bound already", assertThrows(IllegalStateException.class, () -> a.bind(label)));
        Assembler other = new Assembler();
        assertMessage("another assembler", assertThrows(IllegalArgumentException.class, () -> other.jump(label)));
        assertMessage("another assembler", assertThrows(IllegalArgumentException.class, () -> other.bind(a.label())));
        assertMessage(
                "another assembler",
                assertThrows(IllegalArgumentException.class, () -> other.load(Gp.RAX, a.constant(1f))));
    }

    @Test
    void aDistanceFitsIn32Bits() {
        Label start = a.here();
        a.lea(Gp.RAX, Mem.at(start).plus(Integer.MIN_VALUE + 7));
        assertEquals(Integer.MIN_VALUE, int32(a.finish(), 3));
        a.lea(Gp.RAX, Mem.at(start).plus(Integer.MIN_VALUE));
        assertMessage("does not fit", assertThrows(IllegalStateException.class, a::finish));
    }

    @Test
    void whatCannotBePlaced() {
        for (int alignment : new int[] {0, -1, 3, 48, Integer.MIN_VALUE}) {
            assertMessage("power of two", assertThrows(IllegalArgumentException.class, () -> a.align(alignment)));
        }
        assertMessage("without a value", assertThrows(IllegalArgumentException.class, () -> a.constant(List.of())));
        assertMessage("without a value", assertThrows(IllegalArgumentException.class, () -> a.constantBytes()));
        assertMessage("multiple of 4", assertThrows(IllegalArgumentException.class, () -> a.constantBytes(1, 2, 3)));
    }

    private static int int32(byte[] code, int at) {
        return ByteBuffer.wrap(Arrays.copyOfRange(code, at, at + 4))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getInt();
    }

    private static void assertMessage(String part, Exception e) {
        assertTrue(String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains(part), e::toString);
    }
}
