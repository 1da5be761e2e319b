package kawi.assembler;

import java.util.function.Supplier;

/**
 * One instruction twice: as text for another assembler, and as the code that ours makes of it.
 *
 * @param hint what tells the other assembler which of several encodings is meant, as {@code {vex}}
 * @param text as objdump writes it; {@code END} is the place behind the instruction
 * @param code runs our assembler
 */
public record Sample(String hint, String text, Supplier<byte[]> code) {

    public byte[] encoded() {
        try {
            return code.get();
        } catch (RuntimeException e) {
            throw new AssertionError("refused: " + text, e);
        }
    }

    /** With its hint. */
    public String source() {
        return hint.isEmpty() ? text : hint + " " + text;
    }
}
