package kawi.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kawi.MemoryPlan;
import kawi.ModelFile.TensorInfo;

/**
 * The tensors of a model, grouped by weight format.
 *
 * @param rows one for each format, in descending order of bytes
 */
record TensorInventory(List<Row> rows) {

    /**
     * All tensors in a format.
     *
     * @param share their part of all bytes, from 0 to 1
     */
    record Row(String format, long tensors, long weights, long bytes, double share) {

        Map<String, Object> description() {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("format", format);
            object.put("tensors", tensors);
            object.put("weights", weights);
            object.put("bytes", bytes);
            object.put("share", share);
            return object;
        }
    }

    static TensorInventory of(List<TensorInfo> tensors) {
        Map<String, List<TensorInfo>> formats = new LinkedHashMap<>();
        tensors.forEach(tensor -> formats.computeIfAbsent(tensor.format(), format -> new ArrayList<>())
                .add(tensor));
        long all = bytes(tensors);
        return new TensorInventory(formats.entrySet().stream()
                .map(format -> row(format.getKey(), format.getValue(), all))
                .sorted(Comparator.comparingLong(Row::bytes).reversed())
                .toList());
    }

    private static Row row(String format, List<TensorInfo> tensors, long all) {
        long weights = tensors.stream().mapToLong(TensorInfo::weights).sum();
        long bytes = bytes(tensors);
        return new Row(format, tensors.size(), weights, bytes, all == 0 ? 0 : (double) bytes / all);
    }

    private static long bytes(List<TensorInfo> tensors) {
        return tensors.stream().mapToLong(TensorInfo::bytes).sum();
    }

    /** Returns the dimensions and the size of a tensor, in words for users. */
    static String size(TensorInfo tensor) {
        return "%d x %d, %s%s"
                .formatted(
                        tensor.rows(),
                        tensor.columns(),
                        MemoryPlan.bytes(tensor.bytes()),
                        tensor.supported() ? "" : ", not supported");
    }

    static Map<String, Object> description(TensorInfo tensor) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("name", tensor.name());
        object.put("format", tensor.format());
        object.put("supported", tensor.supported());
        object.put("rows", tensor.rows());
        object.put("columns", tensor.columns());
        object.put("bytes", tensor.bytes());
        return object;
    }
}
