package kawi.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.Deflater;
import kawi.Divergence;
import kawi.MemoryPlan;
import kawi.Perplexity;
import org.jspecify.annotations.Nullable;

/**
 * The report of {@code density}: size, capability on a text, cost of quantization, and speed of several models.
 *
 * <pre>
 *    bits per byte            sum of nats / (ln 2 * bytes of the scored tokens)
 *    bits saved per byte      8 * size of the text in Deflate 9 / size of the text - bits per byte
 *    per GiB                  bits saved per byte / GiB of weights
 *    effective bandwidth      bytes read per generated token * tokens per second
 * </pre>
 *
 * @param deflated the bits per byte of the text in Deflate 9
 * @param context the number of tokens of a chunk, and of the keys and values whose size is given
 * @param machine the processor and how it is used
 * @param questions the name of the file of multiple-choice questions; empty if there is none
 * @param entries the first is the reference
 */
record DensityReport(
        EvaluatedText text,
        double deflated,
        int context,
        String machine,
        String questions,
        List<DensityEntry> entries) {

    private static final String UNTRAINED = "untrained";
    private static final String NO_CAPABILITY = "no capability shown";

    /** Returns the bits per byte of a text that is compressed with {@code java.util.zip} at level 9. */
    static double deflatedBitsPerByte(byte[] text) {
        try (Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION)) {
            deflater.setInput(text);
            deflater.finish();
            byte[] buffer = new byte[1 << 16];
            long bytes = 0;
            while (!deflater.finished()) {
                bytes += deflater.deflate(buffer);
            }
            return 8.0 * bytes / text.length;
        }
    }

    private double saved(DensityEntry entry) {
        return deflated - entry.bitsPerByte();
    }

    /** The model that the others are compared with. */
    DensityEntry referenceEntry() {
        return entries.getFirst();
    }

    /** Returns tables for people. */
    String table() {
        StringBuilder out = new StringBuilder();
        size(out);
        capability(out);
        if (entries.size() > 1) {
            cost(out);
        }
        if (!questions.isEmpty()) {
            answers(out);
        }
        speed(out);
        return out.toString();
    }

    /** The beginning of a table: what was measured, with what and where. */
    private String caption(String what) {
        return "%s%n%s, %s%n".formatted(what, measured(), machine);
    }

    /** What was measured. */
    String measured() {
        List<String> tokens = new ArrayList<>();
        for (DensityEntry entry : entries) {
            Perplexity scored = entry.perplexity();
            String counted = scored == null
                    ? "%,d tokens".formatted(entry.tokens())
                    : "%,d tokens (%,d with %,d bytes scored)"
                            .formatted(entry.tokens(), scored.tokens(), scored.bytes());
            if (!tokens.contains(counted)) {
                tokens.add(counted);
            }
        }
        return "%s, %,d bytes, %s, context of %d tokens"
                .formatted(text.name(), text.bytes().length, String.join(" or ", tokens), context);
    }

    private void size(StringBuilder out) {
        List<List<String>> rows =
                rows("", "weights", "parameters", "bits/weight", "keys, values", "state", "peak memory");
        for (DensityEntry entry : entries) {
            MemoryPlan plan = entry.plan();
            rows.add(List.of(
                    entry.name(),
                    MemoryPlan.bytes(plan.weights()),
                    "%,d".formatted(entry.parameters()),
                    "%.3f".formatted(entry.bitsPerWeight()),
                    "%s in %s".formatted(MemoryPlan.bytes(plan.keysAndValues()), entry.keysAndValues()),
                    MemoryPlan.bytes(plan.recurrentState()),
                    entry.peakMemory().isPresent()
                            ? MemoryPlan.bytes(entry.peakMemory().getAsLong())
                            : "not measured"));
        }
        print(out, caption("Size"), rows);
    }

    private void capability(StringBuilder out) {
        List<List<String>> rows = rows("", "perplexity", "bits/byte", "saved over Deflate", "saved per GiB");
        for (DensityEntry entry : entries) {
            Perplexity perplexity = entry.perplexity();
            if (perplexity == null) {
                rows.add(List.of(entry.name(), UNTRAINED));
                continue;
            }
            double saved = saved(entry);
            rows.add(List.of(
                    entry.name(),
                    "%.4f +/- %.4f".formatted(perplexity.value(), perplexity.error()),
                    "%.5f".formatted(entry.bitsPerByte()),
                    saved > 0 ? "%.5f".formatted(saved) : NO_CAPABILITY,
                    saved > 0 ? "%.4f".formatted(saved / entry.gib()) : NO_CAPABILITY));
        }
        String deflate = "Capability on this text, of which Deflate 9 takes %.5f bits per byte".formatted(deflated);
        print(out, caption(deflate), rows);
    }

    private void cost(StringBuilder out) {
        List<List<String>> rows = rows("", "GiB", "bits/byte", "mean KLD", "99 % KLD", "same top", "");
        for (DensityEntry entry : entries) {
            Divergence divergence = entry.divergence();
            if (entry.untrained()) {
                rows.add(List.of(entry.name(), "%.4f".formatted(entry.gib()), UNTRAINED));
            } else if (!entry.incomparable().isEmpty()) {
                rows.add(List.of(entry.name(), "%.4f".formatted(entry.gib()), entry.incomparable()));
            } else if (divergence == null) {
                rows.add(List.of(entry.name(), "%.4f".formatted(entry.gib()), "reference"));
            } else {
                DensityEntry better = entry.dominating(entries);
                rows.add(List.of(
                        entry.name(),
                        "%.4f".formatted(entry.gib()),
                        "%+.5f".formatted(entry.bitsPerByte() - referenceEntry().bitsPerByte()),
                        "%.6f +/- %.6f"
                                .formatted(
                                        divergence.mean().value(),
                                        divergence.mean().error()),
                        "%.6f".formatted(divergence.quantile(0.99)),
                        "%.3f %%".formatted(100 * divergence.sameTop().value()),
                        better == null ? "" : "dominated by " + better.name()));
            }
        }
        print(out, caption("Cost of quantization against " + referenceEntry().name()), rows);
    }

    private void answers(StringBuilder out) {
        List<List<String>> rows = rows("", "right", "share", "interval", "-ln(error) per GB");
        for (DensityEntry entry : entries) {
            Questions.Result answers = entry.answers();
            if (answers == null) {
                rows.add(List.of(entry.name(), UNTRAINED));
                continue;
            }
            rows.add(List.of(
                    entry.name(),
                    "%d of %d".formatted(answers.right(), answers.total()),
                    "%.1f %%".formatted(100 * answers.share()),
                    "%.1f to %.1f %%".formatted(100 * answers.lower(), 100 * answers.upper()),
                    answers.right() == answers.total()
                            ? "no error"
                            : "%.4f".formatted(answers.perGigabyte(entry.plan().weights()))));
        }
        print(out, caption("Multiple choice, " + questions), rows);
    }

    private void speed(StringBuilder out) {
        List<List<String>> rows =
                rows("", "prefill", "decode", "read per token", "effective", "memory", "energy per token", "kernels");
        for (DensityEntry entry : entries) {
            MeasuredSpeed speed = entry.speed();
            rows.add(List.of(
                    entry.name(),
                    "%.1f tokens/s".formatted(speed.prefill()),
                    "%.1f tokens/s".formatted(speed.decode()),
                    "%.2f MB".formatted(speed.bytesPerToken() * 1e-6),
                    "%.2f GB/s".formatted(speed.effectiveBandwidth() * 1e-9),
                    "%.2f GB/s".formatted(speed.readBandwidth() * 1e-9),
                    speed.joulesPerToken().isPresent()
                            ? "%.3f J".formatted(speed.joulesPerToken().getAsDouble())
                            : "not measured",
                    entry.kernels()));
        }
        print(out, caption("Speed"), rows);
    }

    private static List<List<String>> rows(String... header) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of(header));
        return rows;
    }

    /** Prints a table whose columns are as wide as their cells; the last cell of a row may be longer. */
    private static void print(StringBuilder out, String caption, List<List<String>> rows) {
        int columns = rows.getFirst().size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            boolean whole = row.size() == columns;
            for (int i = 0; i < row.size() - (whole ? 0 : 1); i++) {
                widths[i] = Math.max(widths[i], Columns.of(row.get(i)));
            }
        }
        out.append(out.isEmpty() ? "" : System.lineSeparator()).append(caption);
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                line.append("  ").append(Columns.padded(row.get(i), widths[i]));
            }
            out.append(line.toString().stripTrailing()).append(System.lineSeparator());
        }
    }

    /** Returns the values as a JSON object. */
    Map<String, @Nullable Object> json() {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("reference", referenceEntry().name());
        object.put("models", entries.stream().map(this::json).toList());
        return object;
    }

    private Map<String, @Nullable Object> json(DensityEntry entry) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("model", entry.name());
        object.put("text", text.name());
        object.put("text_bytes", text.bytes().length);
        object.put("tokens", entry.tokens());
        object.put("context", context);
        object.put("machine", machine);
        object.put("weight_bytes", entry.plan().weights());
        object.put("parameters", entry.parameters());
        object.put("bits_per_weight", entry.bitsPerWeight());
        object.put("kv", entry.keysAndValues());
        object.put("kernels", entry.kernels());
        object.put("kv_bytes", entry.plan().keysAndValues());
        object.put("state_bytes", entry.plan().recurrentState());
        object.put(
                "peak_rss_bytes",
                entry.peakMemory().isPresent() ? entry.peakMemory().getAsLong() : null);
        object.put("untrained", entry.untrained());
        Perplexity perplexity = entry.perplexity();
        if (perplexity != null) {
            double saved = saved(entry);
            object.putAll(DivergenceReport.json(perplexity));
            object.put("deflate_bits_per_byte", deflated);
            object.put("bits_saved_per_byte", saved);
            object.put("capability_shown", saved > 0);
            object.put("bits_saved_per_byte_per_gib", saved > 0 ? saved / entry.gib() : null);
        }
        if (entry.compared() && entries.size() > 1) {
            object.put("cost", cost(entry));
        }
        Questions.Result answers = entry.answers();
        if (answers != null) {
            object.put("questions", answers.total());
            object.put("right", answers.right());
            object.put("right_lower", answers.lower());
            object.put("right_upper", answers.upper());
            object.put(
                    "ln_error_per_gb",
                    answers.right() == answers.total()
                            ? null
                            : answers.perGigabyte(entry.plan().weights()));
        }
        MeasuredSpeed speed = entry.speed();
        object.put("prefill_tokens_per_second", speed.prefill());
        object.put("decode_tokens_per_second", speed.decode());
        object.put("decode_bytes_per_token", speed.bytesPerToken());
        object.put("effective_bandwidth", speed.effectiveBandwidth());
        object.put("read_bandwidth", speed.readBandwidth());
        object.put(
                "joules_per_token",
                speed.joulesPerToken().isPresent() ? speed.joulesPerToken().getAsDouble() : null);
        return object;
    }

    private Map<String, @Nullable Object> cost(DensityEntry entry) {
        Map<String, @Nullable Object> cost = new LinkedHashMap<>();
        Divergence divergence = entry.divergence();
        cost.put("gib", entry.gib());
        cost.put("bits_per_byte_change", entry.bitsPerByte() - referenceEntry().bitsPerByte());
        cost.put("kld_mean", entry.meanDivergence());
        cost.put("kld_mean_error", divergence == null ? 0 : divergence.mean().error());
        cost.put("kld_p99", divergence == null ? 0 : divergence.quantile(0.99));
        cost.put("same_top", divergence == null ? 1 : divergence.sameTop().value());
        DensityEntry better = entry.dominating(entries);
        cost.put("dominated_by", better == null ? null : better.name());
        return cost;
    }
}
