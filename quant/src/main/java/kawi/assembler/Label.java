package kawi.assembler;

/** A place in the code, to jump to or to load from; made by {@link Assembler#label()} and placed by {@link Assembler#bind}. */
public final class Label {

    static final int UNBOUND = -1;

    int position = UNBOUND;

    Label() {}
}
