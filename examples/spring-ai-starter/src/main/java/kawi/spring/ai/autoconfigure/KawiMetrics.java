package kawi.spring.ai.autoconfigure;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
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
        Gauge.builder("kawi.memory", model, source -> source.memoryUse().bytes())
                .description("Memory of sequences and cached states")
                .baseUnit("bytes")
                .tags(tags)
                .register(registry);
        FunctionCounter.builder(
                        "kawi.prefix.cache.hits",
                        model,
                        source -> source.prefixCache().hits())
                .description("Prompts whose beginning was in the prefix cache")
                .tags(tags)
                .register(registry);
        FunctionCounter.builder(
                        "kawi.prefix.cache.misses",
                        model,
                        source -> source.prefixCache().misses())
                .description("Prompts whose beginning was not in the prefix cache")
                .tags(tags)
                .register(registry);
    }
}
