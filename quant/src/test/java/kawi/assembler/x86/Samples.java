package kawi.assembler.x86;

import java.util.function.BiConsumer;
import kawi.assembler.Label;
import kawi.assembler.Sample;

/** Makes samples of x86-64 instructions, with text in Intel's syntax. */
final class Samples {

    private Samples() {}

    static Sample of(String text, BiConsumer<Assembler, Label> call) {
        return of("", text, call);
    }

    /** @param call gets the assembler and the label of the place behind the instruction */
    static Sample of(String hint, String text, BiConsumer<Assembler, Label> call) {
        return new Sample(hint, text, () -> {
            Assembler a = new Assembler();
            Label end = a.label();
            call.accept(a, end);
            a.bind(end);
            return a.finish();
        });
    }
}
