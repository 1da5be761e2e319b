package kawi.server;

import java.util.Map;
import java.util.function.ToLongFunction;
import kawi.Model;
import kawi.ModelActivity;

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
        text.family("kawi_rejected_total", "counter", "Requests that the server refused because of a limit.");
        text.line("kawi_rejected_total", "limit=\"answers\"", work.admission().refused());
        text.line("kawi_rejected_total", "limit=\"connections\"", threads.refused());
        activity(text, "kawi_running", "gauge", "Answers that are being generated.", ModelActivity::running);
        activity(text, "kawi_waiting", "gauge", "Answers that wait for a place.", ModelActivity::waiting);
        activity(
                text,
                "kawi_refused_total",
                "counter",
                "Answers that were refused by the model.",
                ModelActivity::refused);
        activity(
                text,
                "kawi_prompt_tokens_total",
                "counter",
                "Tokens of prompts that were processed.",
                ModelActivity::prefilledTokens);
        activity(
                text,
                "kawi_generated_tokens_total",
                "counter",
                "Tokens that were generated.",
                ModelActivity::decodedTokens);
        activity(text, "kawi_guesses_total", "counter", "Guesses that were verified.", ModelActivity::guessedTokens);
        activity(
                text,
                "kawi_accepted_guesses_total",
                "counter",
                "Guesses that were accepted.",
                ModelActivity::acceptedTokens);
        activity(text, "kawi_passes_total", "counter", "Passes through the layers.", ModelActivity::passes);
        activity(
                text,
                "kawi_key_value_bytes",
                "gauge",
                "Memory of keys and values that running answers have reserved.",
                ModelActivity::keyValueBytes);
        text.family("kawi_memory_bytes", "gauge", "Memory of states and of keys and values, without the weights.");
        models.forEach((name, model) ->
                text.line("kawi_memory_bytes", label(name), model.memoryUse().bytes()));
        return text.toString();
    }

    private void activity(
            Metrics.Text text, String name, String type, String help, ToLongFunction<ModelActivity> figure) {
        text.family(name, type, help);
        models.forEach((model, it) -> text.line(name, label(model), figure.applyAsLong(it.activity())));
    }

    private static String label(String model) {
        return "model=\"" + Metrics.Text.escaped(model) + '"';
    }
}
