package kawi.assembler;

/** A place in the code, to jump to or to load from; placed by {@link CodeBuffer#bind}. */
public final class Label {

    static final int UNBOUND = -1;

    /** Where it is placed; it means nothing in other code. */
    final CodeBuffer code;

    int position = UNBOUND;

    public Label(CodeBuffer code) {
        this.code = code;
    }
}
