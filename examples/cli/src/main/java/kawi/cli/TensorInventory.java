package kawi.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kawi.MemoryPlan;
import kawi.ModelFileException;
import kawi.checkpoint.Checkpoint;
import kawi.json.JsonObject;
import kawi.json.JsonValue;
import kawi.quant.Tensor;

/**
 * All tensors of a checkpoint, those of parts that do not run included.
 *
 * @param entries in the order of the files
 * @param byFormat the same counted by format, the largest share of bytes first
 */
record TensorInventory(List<Entry> entries, List<Row> byFormat) {

    /** What stands for the format of tensors that Kawi does not read, integer buffers for example. */
    private static final String OTHER = "other";

    /** A tensor; rows, columns and bytes are 0 where Kawi does not read it. */
    record Entry(String name, String format, int rows, int columns, long bytes) {

        String size() {
            return bytes == 0 ? "not read" : "%d x %d, %s".formatted(rows, columns, MemoryPlan.bytes(bytes));
        }

        JsonObject json() {
            return JsonObject.builder()
                    .put("name", name)
                    .put("format", format)
                    .put("rows", rows)
                    .put("columns", columns)
                    .put("bytes", bytes)
                    .build();
        }
    }

    /** All tensors of a format; {@code share} is their part of all bytes, from 0 to 1. */
    record Row(String format, long tensors, long weights, long bytes, double share) {

        JsonObject json() {
            return JsonObject.builder()
                    .put("format", format)
                    .put("tensors", tensors)
                    .put("weights", weights)
                    .put("bytes", bytes)
                    .put("share", JsonValue.of(share))
                    .build();
        }
    }

    static TensorInventory of(Checkpoint checkpoint) {
        List<Entry> entries = checkpoint.tensorNames().stream()
                .map(name -> entry(checkpoint, name))
                .toList();
        Map<String, List<Entry>> formats = new LinkedHashMap<>();
        entries.forEach(entry -> formats.computeIfAbsent(entry.format(), format -> new ArrayList<>())
                .add(entry));
        long all = bytes(entries);
        List<Row> rows = formats.entrySet().stream()
                .map(format -> row(format.getKey(), format.getValue(), all))
                .sorted(Comparator.comparingLong(Row::bytes).reversed())
                .toList();
        return new TensorInventory(entries, rows);
    }

    private static Entry entry(Checkpoint checkpoint, String name) {
        try {
            Tensor tensor = checkpoint.tensor(name);
            return new Entry(name, tensor.format().name(), tensor.rows(), tensor.columns(), tensor.bytes());
        } catch (ModelFileException unread) {
            return new Entry(name, OTHER, 0, 0, 0);
        }
    }

    private static Row row(String format, List<Entry> entries, long all) {
        long weights = entries.stream()
                .mapToLong(entry -> (long) entry.rows() * entry.columns())
                .sum();
        long bytes = bytes(entries);
        return new Row(format, entries.size(), weights, bytes, all == 0 ? 0 : (double) bytes / all);
    }

    private static long bytes(List<Entry> entries) {
        return entries.stream().mapToLong(Entry::bytes).sum();
    }
}
