package kawi.assembler;

/** A place in the code, to jump to or to load from; made by {@link Assembler#label()} and placed by {@link Assembler#bind}. */
public final class Label {

    static final int UNBOUND = -1;

    /** Where it is placed; it means nothing in other code. */
    final CodeBuffer code;

    int position = UNBOUND;

    Label(CodeBuffer code) {
        this.code = code;
    }
}
