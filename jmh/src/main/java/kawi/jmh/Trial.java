package kawi.jmh;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.SortedMap;

/**
 * One benchmark with one set of parameters, which is measured in each of its tiers.
 *
 * @param method the simple name of the class and the name of the method
 * @param parameters the parameters by name
 */
record Trial(String method, SortedMap<String, String> parameters) {

    /** Work that is repeated while it is measured. */
    interface Work extends AutoCloseable {

        void run();

        @Override
        void close();

        static Work of(Runnable run, Runnable close) {
            return new Work() {
                @Override
                public void run() {
                    run.run();
                }

                @Override
                public void close() {
                    close.run();
                }
            };
        }
    }

    /** The benchmark and its parameters: {@code MatrixProduct.multiply format=Q4_0 tokens=64}. */
    String subject() {
        StringBuilder subject = new StringBuilder(method.replaceFirst("Benchmark\\.", "."));
        parameters.forEach(
                (name, value) -> subject.append(' ').append(name).append('=').append(value));
        return subject.toString();
    }

    /** The time in nanoseconds after which the JVM has compiled the work in a tier. */
    long warmUpNanos(String tier) {
        return switch (tier) {
            case Tiers.VECTOR -> 1_500_000_000;
            case Tiers.SCALAR -> 400_000_000;
            default -> method.startsWith("ModelBenchmark.") ? 1_000_000_000 : 60_000_000;
        };
    }

    /** Prepares the work of this trial in a tier. */
    Work open(String tier) throws Exception {
        ProductWork counted = new ProductWork();
        return switch (method) {
            case "MatrixProductBenchmark.multiply" -> {
                var b = new MatrixProductBenchmark();
                b.tier = tier;
                b.format = parameter("format");
                b.tokens = tokens();
                b.pack();
                yield Work.of(() -> b.multiply(counted), b::release);
            }
            case "RowBenchmark.quantize" -> {
                RowBenchmark b = rows(tier);
                yield Work.of(b::quantize, b::release);
            }
            case "RowBenchmark.rmsNorm" -> {
                RowBenchmark b = rows(tier);
                yield Work.of(b::rmsNorm, b::release);
            }
            case "RowBenchmark.siluTimes" -> {
                RowBenchmark b = rows(tier);
                yield Work.of(b::siluTimes, b::release);
            }
            case "AttentionBenchmark.prepare" -> {
                AttentionBenchmark b = attention(tier);
                yield Work.of(b::prepare, () -> close(b));
            }
            case "AttentionBenchmark.attend" -> {
                AttentionBenchmark b = attention(tier);
                yield Work.of(() -> b.attend(counted), () -> close(b));
            }
            case "DeltaBenchmark.convolve" -> {
                DeltaBenchmark b = delta(tier);
                yield Work.of(b::convolve, () -> close(b));
            }
            case "DeltaBenchmark.prepare" -> {
                DeltaBenchmark b = delta(tier);
                yield Work.of(b::prepare, () -> close(b));
            }
            case "DeltaBenchmark.recur" -> {
                DeltaBenchmark b = delta(tier);
                yield Work.of(() -> b.recur(counted), () -> close(b));
            }
            case "DeltaBenchmark.gatedNorm" -> {
                DeltaBenchmark b = delta(tier);
                yield Work.of(b::gatedNorm, () -> close(b));
            }
            case "VisionRowBenchmark.layerNorm" -> {
                VisionRowBenchmark b = visionRows(tier);
                yield Work.of(b::layerNorm, b::release);
            }
            case "VisionRowBenchmark.addBiased" -> {
                VisionRowBenchmark b = visionRows(tier);
                yield Work.of(b::addBiased, b::release);
            }
            case "VisionRowBenchmark.geluTanh" -> {
                VisionRowBenchmark b = visionRows(tier);
                yield Work.of(b::geluTanh, b::release);
            }
            case "VisionRowBenchmark.geluErf" -> {
                VisionRowBenchmark b = visionRows(tier);
                yield Work.of(b::geluErf, b::release);
            }
            case "VisionBenchmark.encode" -> {
                var b = new VisionBenchmark();
                b.tier = tier;
                b.size = parameter("size");
                b.load();
                yield Work.of(() -> b.encode(counted), () -> close(b));
            }
            case "PackingBenchmark.pack" -> {
                var b = new PackingBenchmark();
                b.tier = tier;
                b.format = parameter("format");
                b.draw();
                PackingWork packed = new PackingWork();
                yield Work.of(() -> b.pack(packed), b::release);
            }
            case "ModelBenchmark.decode" -> {
                ModelBenchmark b = model(tier);
                yield Work.of(() -> b.decode(counted), b::close);
            }
            case "ModelBenchmark.prefill" -> {
                ModelBenchmark b = model(tier);
                yield Work.of(() -> b.prefill(counted), b::close);
            }
            default -> throw new IllegalArgumentException("no trial \"%s\"".formatted(method));
        };
    }

    private String parameter(String name) {
        return parameters.getOrDefault(name, "");
    }

    private int tokens() {
        return Integer.parseInt(parameter("tokens"));
    }

    private RowBenchmark rows(String tier) {
        var b = new RowBenchmark();
        b.tier = tier;
        b.tokens = tokens();
        b.draw();
        return b;
    }

    private VisionRowBenchmark visionRows(String tier) {
        var b = new VisionRowBenchmark();
        b.tier = tier;
        b.tokens = tokens();
        b.draw();
        return b;
    }

    private static void close(VisionBenchmark b) {
        try {
            b.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        b.release();
    }

    private AttentionBenchmark attention(String tier) {
        var b = new AttentionBenchmark();
        b.tier = tier;
        b.tokens = tokens();
        b.fill();
        return b;
    }

    private static void close(AttentionBenchmark b) {
        b.free();
        b.release();
    }

    private DeltaBenchmark delta(String tier) {
        var b = new DeltaBenchmark();
        b.tier = tier;
        b.tokens = tokens();
        b.draw();
        return b;
    }

    private static void close(DeltaBenchmark b) {
        b.releaseState();
        b.release();
    }

    private ModelBenchmark model(String tier) throws Exception {
        var b = new ModelBenchmark();
        b.tier = tier;
        b.model = parameter("model");
        b.threads = 1;
        b.load();
        return b;
    }
}
