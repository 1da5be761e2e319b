package kawi.assembler.x86;

import java.util.function.BiConsumer;
import kawi.assembler.Label;

/**
 * One instruction twice: as text for another assembler, and as the call that makes ours encode it.
 *
 * @param hint what tells the other assembler which of several encodings is meant, as {@code {vex}}
 * @param text in Intel's syntax as objdump writes it; {@code END} is the place behind the instruction
 * @param call gets the assembler and the label of that place
 */
record Sample(String hint, String text, BiConsumer<Assembler, Label> call) {

    static Sample of(String text, BiConsumer<Assembler, Label> call) {
        return new Sample("", text, call);
    }

    byte[] encoded() {
        Assembler a = new Assembler();
        Label end = a.label();
        try {
            call.accept(a, end);
        } catch (RuntimeException e) {
            throw new AssertionError("refused: " + text, e);
        }
        a.bind(end);
        return a.finish();
    }

    /** With its hint. */
    String source() {
        return hint.isEmpty() ? text : hint + " " + text;
    }
}
