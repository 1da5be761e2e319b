package kawi.assembler.a64;

/** One element of a vector register. */
public record Element(int number, Kind kind, int index) {

    /** What is counted by the index. */
    public enum Kind {
        B(1, "b"),
        H(2, "h"),
        S(4, "s"),
        D(8, "d"),
        /** Four bytes, for dot products. */
        B4(4, "4b");

        private final int bytes;
        private final String text;

        Kind(int bytes, String text) {
            this.bytes = bytes;
            this.text = text;
        }

        int bytes() {
            return bytes;
        }
    }

    public Element {
        if (number < 0 || number > 31) {
            throw new IllegalArgumentException("vector register " + number + ": there are 0 to 31");
        }
        if (index < 0 || index >= 16 / kind.bytes) {
            throw new IllegalArgumentException(
                    "element %d of v%d.%s: there are 0 to %d".formatted(index, number, kind.text, 16 / kind.bytes - 1));
        }
    }

    @Override
    public String toString() {
        return "v%d.%s[%d]".formatted(number, kind.text, index);
    }
}
