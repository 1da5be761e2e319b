package kawi.server;

import java.util.Map;
import kawi.Model;

/** The figures at {@code /metrics}. */
final class Figures {

    private final Metrics metrics;
    private final Work work;
    private final RequestThreads threads;
    private final Map<String, Model> models;

    Figures(Metrics metrics, Work work, RequestThreads threads, Map<String, Model> models) {
        this.metrics = metrics;
        this.work = work;
        this.threads = threads;
        this.models = Map.copyOf(models);
    }

    String print() {
        Metrics.Text text = new Metrics.Text();
        metrics.print(text);
        text.single("kawi_connections", "gauge", "Requests that are being received or answered.", threads.active());
        text.single(
                "kawi_answers",
                "gauge",
                "Answers that run or wait.",
                work.admission().admitted());
        text.family("kawi_rejected_total", "counter", "Requests that were refused because of a limit.");
        text.line("kawi_rejected_total", "limit=\"answers\"", work.admission().refused());
        text.line("kawi_rejected_total", "limit=\"connections\"", threads.refused());
        text.family("kawi_sequences", "gauge", "Sequences of tokens whose state is in memory.");
        models.forEach((name, model) ->
                text.line("kawi_sequences", label(name), model.memoryUse().sequences()));
        text.family("kawi_memory_bytes", "gauge", "Memory of states, without the weights.");
        models.forEach((name, model) ->
                text.line("kawi_memory_bytes", label(name), model.memoryUse().bytes()));
        return text.toString();
    }

    private static String label(String model) {
        return "model=\"" + Metrics.Text.escaped(model) + '"';
    }
}
