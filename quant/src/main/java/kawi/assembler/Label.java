package kawi.assembler;

/** A position in the code, for jumps and loads; set by {@link CodeBuffer#bind}. */
public final class Label {

    static final int UNBOUND = -1;

    /** The position; it is valid in the code of one buffer only. */
    final CodeBuffer code;

    int position = UNBOUND;

    public Label(CodeBuffer code) {
        this.code = code;
    }
}
