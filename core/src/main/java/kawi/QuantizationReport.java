package kawi;

import java.util.List;

/**
 * What {@link Quantization} has written.
 *
 * @param tensors the number and size of the tensors in each format
 * @param bytes the size of the file
 * @param warnings what is worse than it could be, in sentences without a period
 */
public record QuantizationReport(List<Tensors> tensors, long bytes, List<String> warnings) {

    public QuantizationReport {
        tensors = List.copyOf(tensors);
        warnings = List.copyOf(warnings);
    }

    /** The tensors in a format. */
    public record Tensors(String format, int count, long weights, long bytes) {}

    /** Returns the average number of bits per weight. */
    public double bitsPerWeight() {
        return 8.0
                * tensors.stream().mapToLong(Tensors::bytes).sum()
                / tensors.stream().mapToLong(Tensors::weights).sum();
    }
}
