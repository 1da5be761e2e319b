package kawi.spring.ai.autoconfigure;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.ToDoubleFunction;
import kawi.Model;

/** The meters of a model. All have its name as the tag {@code model}. */
final class KawiMetrics implements MeterBinder {

    private final Model model;

    KawiMetrics(Model model) {
        this.model = model;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Tags tags = Tags.of("model", model.name());
        gauge(
                        "kawi.answers.running",
                        "Answers in progress",
                        "answers",
                        source -> source.activity().running())
                .tags(tags)
                .register(registry);
        gauge(
                        "kawi.answers.waiting",
                        "Callers that wait for their turn",
                        "callers",
                        source -> source.activity().waiting())
                .tags(tags)
                .register(registry);
        gauge(
                        "kawi.memory.key.value",
                        "Keys and values of answers in progress",
                        "bytes",
                        source -> source.activity().keyValueBytes())
                .tags(tags)
                .register(registry);
        gauge(
                        "kawi.memory.used",
                        "Sequences and cached states",
                        "bytes",
                        source -> source.memoryUse().bytes())
                .tags(tags)
                .register(registry);
        counter(
                        "kawi.answers.refused",
                        "Answers refused because the model was busy",
                        source -> source.activity().refused())
                .tags(tags)
                .register(registry);
        counter("kawi.tokens", "Tokens processed", source -> source.activity().prefilledTokens())
                .tags(tags.and("phase", "prefill"))
                .register(registry);
        counter("kawi.tokens", "Tokens processed", source -> source.activity().decodedTokens())
                .tags(tags.and("phase", "decode"))
                .register(registry);
        counter(
                        "kawi.prefix.cache",
                        "Prompts by whether their beginning was cached",
                        source -> source.prefixCache().hits())
                .tags(tags.and("result", "hit"))
                .register(registry);
        counter(
                        "kawi.prefix.cache",
                        "Prompts by whether their beginning was cached",
                        source -> source.prefixCache().misses())
                .tags(tags.and("result", "miss"))
                .register(registry);
    }

    private Gauge.Builder<Model> gauge(String name, String description, String unit, ToDoubleFunction<Model> value) {
        return Gauge.builder(name, model, value).description(description).baseUnit(unit);
    }

    private FunctionCounter.Builder<Model> counter(String name, String description, ToDoubleFunction<Model> value) {
        return FunctionCounter.builder(name, model, value).description(description);
    }
}
