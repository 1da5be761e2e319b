package kawi.spring.ai.autoconfigure;

import kawi.Model;
import kawi.ModelActivity;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/** Up while the model can answer, that is, until it is closed. */
final class KawiHealthIndicator extends AbstractHealthIndicator {

    private final Model model;

    KawiHealthIndicator(Model model) {
        super("the state of the model cannot be determined");
        this.model = model;
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        ModelActivity activity = model.activity();
        builder.up()
                .withDetail("model", model.name())
                .withDetail("parameters", model.parameters())
                .withDetail("contextLength", model.contextLength())
                .withDetail("kernels", model.kernels())
                .withDetail("threads", model.threads())
                .withDetail("running", activity.running())
                .withDetail("waiting", activity.waiting())
                .withDetail("memoryBytes", model.memoryUse().bytes());
    }
}
