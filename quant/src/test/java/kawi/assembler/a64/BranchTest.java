package kawi.assembler.a64;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import kawi.assembler.GnuTools;
import kawi.assembler.Label;
import org.junit.jupiter.api.Test;

/** Distances: branches, addresses and constants behind the code. */
class BranchTest {

    private final Assembler a = new Assembler();

    @Test
    void aProgramOfBranchesIsThatOfGnuAs() throws IOException {
        GnuTools.AARCH64.assumeInstalled();
        StringBuilder source = new StringBuilder("start:\n");
        Label start = a.here();
        Label middle = a.label();
        Label end = a.label();
        List<Label> labels = List.of(start, middle, end);
        List<String> names = List.of("start", "middle", "end");
        for (int i = 0; i < 3; i++) {
            Label target = labels.get(i);
            String name = names.get(i);
            for (Condition condition : Condition.values()) {
                a.b(condition, target);
                source.append("b.%s %s\n".formatted(Samples.text(condition), name));
            }
            a.b(target);
            a.bl(target);
            a.cbz(Gp.X30, target);
            a.cbnz(Gp.ZR, target);
            a.tbz(Gp.X1, 31, target);
            a.tbnz(Gp.X2, 63, target);
            a.adr(Gp.X3, Mem.at(target).plus(3));
            a.ldr(Gp.X4, Mem.at(target));
            a.ldrw(Gp.X5, Mem.at(target));
            a.ldrsw(Gp.X6, Mem.at(target).plus(4));
            a.ldr(Vec.v(7).s(), Mem.at(target));
            a.ldr(Vec.v(8).d(), Mem.at(target));
            a.ldr(Vec.v(31).q(), Mem.at(target).plus(-8));
            a.prfm(Prefetch.PLDL2STRM, Mem.at(target));
            source.append("""
                    b L
                    bl L
                    cbz x30, L
                    cbnz xzr, L
                    tbz x1, #31, L
                    tbnz x2, #63, L
                    adr x3, L+3
                    ldr x4, L
                    ldr w5, L
                    ldrsw x6, L+4
                    ldr s7, L
                    ldr d8, L
                    ldr q31, L-8
                    prfm pldl2strm, L
                    """.replace("L", name));
            if (i == 0) {
                a.bind(middle);
                source.append("middle:\n");
            }
        }
        a.bind(end);
        a.ret();
        source.append("end: ret\n");
        assertArrayEquals(GnuTools.AARCH64.assembleProgram(source.toString()), a.finish());
    }

    @Test
    void distancesCountFromTheInstruction() {
        Label start = a.here();
        a.nop();
        a.b(start);
        a.b(Condition.EQUAL, start);
        a.tbz(Gp.X0, 0, start);
        ByteBuffer code = ByteBuffer.wrap(a.finish()).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(0xD503201F, code.getInt(0));
        assertEquals(0x17FFFFFF, code.getInt(4));
        assertEquals(0x54FFFFC0, code.getInt(8));
        assertEquals(0x3607FFA0, code.getInt(12));
    }

    @Test
    void constantsAreAlignedToTheirSize() {
        for (int words : new int[] {1, 2, 4, 8, 16}) {
            for (int before = 0; before < 20; before++) {
                Assembler b = new Assembler();
                for (int i = 0; i < before; i++) {
                    b.nop();
                }
                b.ldr(Vec.v(0).s(), b.constant(0x0102_0304, words));
                ByteBuffer code = ByteBuffer.wrap(b.finish()).order(ByteOrder.LITTLE_ENDIAN);
                int instruction = code.getInt(4 * before);
                int place = 4 * before + 4 * (instruction << 8 >> 13);
                assertEquals(0, place % (4 * words), "of %d words behind %d instructions".formatted(words, before + 1));
                assertEquals(place + 4 * words, code.capacity());
                for (int i = 0; i < words; i++) {
                    assertEquals(0x0102_0304, code.getInt(place + 4 * i));
                }
            }
        }
        assertEquals(a.constant(List.of(0x0403_0201)), a.constantBytes(1, 2, 3, 4));
        assertThrows(IllegalArgumentException.class, () -> a.constantBytes(1, 2, 3));
    }

    @Test
    void alignmentFillsWithNops() {
        a.ret();
        a.align(16);
        a.ret();
        ByteBuffer code = ByteBuffer.wrap(a.finish()).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(20, code.capacity());
        for (int at = 4; at < 16; at += 4) {
            assertEquals(0xD503201F, code.getInt(at));
        }
    }

    /** The farthest target, and one instruction farther. */
    @Test
    void distancesThatDoNotFit() {
        int reach = 1 << 15;
        for (boolean forwards : new boolean[] {false, true}) {
            for (int extra = 0; extra <= 4; extra += 4) {
                Assembler b = new Assembler();
                Label target = b.label();
                int distance = forwards ? reach - 4 + extra : reach + extra;
                if (forwards) {
                    b.tbz(Gp.X0, 0, target);
                    nops(b, distance / 4 - 1);
                    b.bind(target);
                } else {
                    b.bind(target);
                    nops(b, distance / 4);
                    b.tbz(Gp.X0, 0, target);
                }
                if (extra == 0) {
                    b.finish();
                } else {
                    String message = String.valueOf(
                            assertThrows(IllegalStateException.class, b::finish).getMessage());
                    assertTrue(message.contains("does not fit in 14 bits"), message);
                }
            }
        }
        Label here = a.here();
        a.ldr(Gp.X0, Mem.at(here).plus(1 << 20));
        assertTrue(String.valueOf(
                        assertThrows(IllegalStateException.class, a::finish).getMessage())
                .contains("does not fit in 19 bits"));
        Assembler odd = new Assembler();
        odd.ldr(Gp.X0, Mem.at(odd.here()).plus(2));
        assertTrue(String.valueOf(
                        assertThrows(IllegalStateException.class, odd::finish).getMessage())
                .contains("in units of 4 bytes"));
    }

    private static void nops(Assembler b, int count) {
        for (int i = 0; i < count; i++) {
            b.nop();
        }
    }
}
