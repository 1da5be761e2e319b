package kawi.spring.ai.autoconfigure;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import kawi.Model;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** Publishes the model's activity as meters, in addition to those of Spring AI's observations of answers. */
@AutoConfiguration(
        after = KawiAutoConfiguration.class,
        afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean({Model.class, MeterRegistry.class})
public class KawiMetricsAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(name = "kawiMetrics")
    MeterBinder kawiMetrics(Model model) {
        return new KawiMetrics(model);
    }
}
