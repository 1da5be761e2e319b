package kawi.spring.ai.autoconfigure;

import kawi.Model;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/** Reports the model's state as the health contributor {@code kawi}. */
@AutoConfiguration(after = KawiAutoConfiguration.class)
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean(Model.class)
@ConditionalOnEnabledHealthIndicator("kawi")
public class KawiHealthAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(name = "kawiHealthIndicator")
    KawiHealthIndicator kawiHealthIndicator(Model model) {
        return new KawiHealthIndicator(model);
    }
}
