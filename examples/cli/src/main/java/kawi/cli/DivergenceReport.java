package kawi.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import kawi.Divergence;
import kawi.Estimate;
import kawi.Perplexity;
import org.jspecify.annotations.Nullable;

/** What is printed about a perplexity and about a KL divergence. */
final class DivergenceReport {

    /** The quantiles that llama.cpp prints. */
    private static final double[] QUANTILES = {0.999, 0.99, 0.95, 0.9, 0.5, 0.1, 0.05, 0.01, 0.001};

    private static final double[] CHANGE_QUANTILES = {0.999, 0.99, 0.95, 0.9, 0.75, 0.5, 0.25, 0.1, 0.05, 0.01, 0.001};

    private final Divergence divergence;
    private final StringBuilder text = new StringBuilder();

    private DivergenceReport(Divergence divergence) {
        this.divergence = divergence;
    }

    /** Returns a report in the order of llama.cpp's, with the same digits. */
    static String text(Divergence divergence) {
        return new DivergenceReport(divergence).text();
    }

    private String text() {
        Perplexity model = divergence.perplexity();
        Perplexity base = divergence.base();
        line("perplexity of the model", "%.6f +/- %.6f".formatted(model.value(), model.error()));
        line("perplexity of the base", "%.6f +/- %.6f".formatted(base.value(), base.error()));
        line("correlation of both", "%.2f %%".formatted(100 * divergence.correlation()));
        line("ln of their ratio", divergence.logRatio());
        double ratio = Math.exp(divergence.logRatio().value());
        line("ratio", new Estimate(ratio, ratio * divergence.logRatio().error()));
        text.append(System.lineSeparator());
        line("mean KLD", divergence.mean());
        line("maximum KLD", "%.6f".formatted(divergence.quantile(1)));
        for (double fraction : QUANTILES) {
            line(label(fraction) + " KLD", "%.6f".formatted(divergence.quantile(fraction)));
        }
        line("minimum KLD", "%.6f".formatted(divergence.quantile(0)));
        text.append(System.lineSeparator());
        line("mean change of p", "%.3f +/- %.3f %%".formatted(percent(divergence.change())));
        line("maximum change of p", "%.3f %%".formatted(100 * divergence.changeQuantile(1)));
        for (double fraction : CHANGE_QUANTILES) {
            line(label(fraction) + " change of p", "%.3f %%".formatted(100 * divergence.changeQuantile(fraction)));
        }
        line("minimum change of p", "%.3f %%".formatted(100 * divergence.changeQuantile(0)));
        line("RMS change of p", "%.3f +/- %.3f %%".formatted(percent(divergence.rootMeanSquareChange())));
        line("same top token", "%.3f +/- %.3f %%".formatted(percent(divergence.sameTop())));
        return text.toString();
    }

    private static String label(double fraction) {
        return fraction == 0.5 ? "median" : "%.1f %%".formatted(100 * fraction);
    }

    private static Object[] percent(Estimate estimate) {
        return new Object[] {100 * estimate.value(), 100 * estimate.error()};
    }

    private void line(String what, Estimate estimate) {
        line(what, estimate.toString());
    }

    private void line(String what, String value) {
        text.append("%-24s".formatted(what)).append(value).append(System.lineSeparator());
    }

    /** Returns the values as a JSON object. */
    static Map<String, @Nullable Object> json(Divergence divergence) {
        Map<String, @Nullable Object> object = json(divergence.perplexity());
        object.put("base_perplexity", divergence.base().value());
        object.put("base_perplexity_error", divergence.base().error());
        object.put("correlation", divergence.correlation());
        put(object, "ln_ratio", divergence.logRatio());
        put(object, "kld_mean", divergence.mean());
        object.put("kld_max", divergence.quantile(1));
        for (double fraction : QUANTILES) {
            object.put("kld_" + key(fraction), divergence.quantile(fraction));
        }
        object.put("kld_min", divergence.quantile(0));
        put(object, "p_change_mean", divergence.change());
        object.put("p_change_max", divergence.changeQuantile(1));
        for (double fraction : CHANGE_QUANTILES) {
            object.put("p_change_" + key(fraction), divergence.changeQuantile(fraction));
        }
        object.put("p_change_min", divergence.changeQuantile(0));
        put(object, "p_change_rms", divergence.rootMeanSquareChange());
        put(object, "same_top", divergence.sameTop());
        return object;
    }

    /** Returns the values as a JSON object. */
    static Map<String, @Nullable Object> json(Perplexity perplexity) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("perplexity", perplexity.value());
        object.put("perplexity_error", perplexity.error());
        object.put("nll", perplexity.meanNats());
        object.put("nats", perplexity.nats());
        object.put("context", perplexity.contextLength());
        object.put("chunks", perplexity.chunks());
        object.put("scored_tokens", perplexity.tokens());
        object.put("scored_bytes", perplexity.bytes() == 0 ? null : perplexity.bytes());
        object.put("bits_per_byte", perplexity.bytes() == 0 ? null : perplexity.bitsPerByte());
        return object;
    }

    private static String key(double fraction) {
        return fraction == 0.5
                ? "median"
                : "p" + "%.1f".formatted(100 * fraction).replace(".0", "");
    }

    private static void put(Map<String, @Nullable Object> object, String key, Estimate estimate) {
        object.put(key, estimate.value());
        object.put(key + "_error", estimate.error());
    }
}
