package kawi.assembler.a64;

/** The hints of {@code prfm}: for a load, into which cache, to stay there or to be read once. */
public enum Prefetch {
    PLDL1KEEP(0),
    PLDL1STRM(1),
    PLDL2KEEP(2),
    PLDL2STRM(3);

    final int code;

    Prefetch(int code) {
        this.code = code;
    }
}
