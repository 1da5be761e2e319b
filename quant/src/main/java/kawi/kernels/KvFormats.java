package kawi.kernels;

/** The format of cached keys and that of cached values. */
public record KvFormats(KvFormat keys, KvFormat values) {

    /** Keys and values in one format. */
    public static KvFormats of(KvFormat format) {
        return new KvFormats(format, format);
    }

    /**
     * The formats that a text names: one for both, {@code q8}, or two, {@code q8:q4}, that of the keys first.
     *
     * @param text one or two names that {@link KvFormat#of} takes
     * @param usual the format that {@code auto} stands for
     */
    public static KvFormats of(String text, KvFormat usual) {
        String[] names = text.split(":", -1);
        if (names.length > 2) {
            throw new IllegalArgumentException(
                    "keys and values in '%s': expected one format or two, as in q8:q4".formatted(text));
        }
        return new KvFormats(KvFormat.of(names[0], usual), KvFormat.of(names[names.length - 1], usual));
    }

    /** The text that {@link #of(String, KvFormat)} takes. */
    @Override
    public String toString() {
        return keys == values ? keys.toString() : keys + ":" + values;
    }
}
