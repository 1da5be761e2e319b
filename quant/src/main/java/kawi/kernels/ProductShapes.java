package kawi.kernels;

/** The shape rules of a matrix product, checked once per call by every tier. */
public final class ProductShapes {

    private ProductShapes() {}

    public static void check(PackedMatrix w, Activations x, int tokens, Activations y, int fromGroup, int toGroup) {
        // With the first groups only, the outputs may be as narrow as these.
        int computed = (int) Math.min(w.rows(), (long) toGroup * w.groupRows());
        if (x.width() != w.columns() || y.width() > w.rows() || y.width() < computed) {
            throw new IllegalArgumentException(
                    "product with %s: %d x %d weights take %d activations to %d, not %d to %d"
                            .formatted(w.name(), w.rows(), w.columns(), w.columns(), w.rows(), x.width(), y.width()));
        }
        if (tokens < 0 || tokens > x.capacity() || tokens > y.capacity()) {
            throw new IllegalArgumentException("product with %s: %d tokens, but there is room for %d in and %d out"
                    .formatted(w.name(), tokens, x.capacity(), y.capacity()));
        }
        if (w.quantized() && tokens > 0 && x.int8().byteSize() == 0) {
            throw new IllegalArgumentException(
                    "product with %s: the activations have no room for their int8 form".formatted(w.name()));
        }
        if (fromGroup < 0 || fromGroup > toGroup || toGroup > w.groups()) {
            throw new IllegalArgumentException(
                    "product with %s: groups %d to %d of %d".formatted(w.name(), fromGroup, toGroup, w.groups()));
        }
    }

    public static void checkRows(Activations x, int fromRow, int toRow) {
        if (fromRow < 0 || fromRow > toRow || toRow > x.capacity()) {
            throw new IllegalArgumentException(
                    "quantizing rows %d to %d of %d".formatted(fromRow, toRow, x.capacity()));
        }
    }

    public static IllegalArgumentException foreign(PackedMatrix w, String tier) {
        return new IllegalArgumentException(
                "product with %s: it was packed by another tier than %s".formatted(w.name(), tier));
    }
}
