package kawi.spring.ai;

import static io.micrometer.observation.tck.TestObservationRegistryAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.micrometer.observation.tck.TestObservationRegistry;
import java.util.Objects;
import kawi.Model;
import kawi.demo.DemoModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.observation.ChatModelMeterObservationHandler;
import org.springframework.ai.chat.observation.DefaultChatModelObservationConvention;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.retry.NonTransientAiException;

/** The observations of answers. */
final class ObservationTest {

    private static Model demo;

    private final TestObservationRegistry registry = TestObservationRegistry.create();
    private KawiChatModel model;

    @BeforeAll
    static void load() {
        demo = DemoModel.load();
    }

    @AfterAll
    static void close() {
        demo.close();
    }

    @BeforeEach
    void observe() {
        model = KawiChatModel.builder()
                .model(demo)
                .options(KawiChatOptions.builder()
                        .temperature(0.5)
                        .topK(4)
                        .maxTokens(6)
                        .seed(1L)
                        .build())
                .observationRegistry(registry)
                .build();
    }

    @Test
    void anAnswerIsObserved() {
        assertObserved(model.call(new Prompt("Hello")));
    }

    @Test
    void aStreamIsObserved() {
        assertObserved(Objects.requireNonNull(model.stream(new Prompt("Hello")).blockLast()));
        assertThat(registry)
                .hasObservationWithNameEqualTo("gen_ai.client.operation")
                .that()
                .hasHighCardinalityKeyValue("gen_ai.request.stream", "true");
    }

    private void assertObserved(ChatResponse response) {
        Usage usage = response.getMetadata().getUsage();
        assertThat(registry)
                .doesNotHaveAnyRemainingCurrentObservation()
                .hasNumberOfObservationsEqualTo(1)
                .hasObservationWithNameEqualTo("gen_ai.client.operation")
                .that()
                .hasContextualNameEqualTo("chat demo-q8_0.gguf")
                .hasLowCardinalityKeyValue("gen_ai.operation.name", "chat")
                .hasLowCardinalityKeyValue("gen_ai.system", "kawi")
                .hasLowCardinalityKeyValue("gen_ai.request.model", "demo-q8_0.gguf")
                .hasLowCardinalityKeyValue("gen_ai.response.model", "demo-q8_0.gguf")
                .hasHighCardinalityKeyValue("gen_ai.request.temperature", "0.5")
                .hasHighCardinalityKeyValue("gen_ai.request.top_k", "4")
                .hasHighCardinalityKeyValue("gen_ai.request.max_tokens", "6")
                .hasHighCardinalityKeyValue(
                        "gen_ai.response.id", response.getMetadata().getId())
                .hasHighCardinalityKeyValue("gen_ai.response.finish_reasons", "[\"LENGTH\"]")
                .hasHighCardinalityKeyValue("gen_ai.usage.input_tokens", String.valueOf(usage.getPromptTokens()))
                .hasHighCardinalityKeyValue("gen_ai.usage.output_tokens", "6")
                .hasHighCardinalityKeyValue("gen_ai.usage.total_tokens", String.valueOf(usage.getTotalTokens()))
                .hasBeenStarted()
                .hasBeenStopped();
    }

    @Test
    void theParentOfAStreamIsThatOfItsContext() {
        Observation parent = Observation.start("parent", registry);
        model.stream(new Prompt("Hello"))
                .contextWrite(context -> context.put(ObservationThreadLocalAccessor.KEY, parent))
                .blockLast();
        parent.stop();
        assertThat(registry)
                .hasObservationWithNameEqualTo("gen_ai.client.operation")
                .that()
                .hasParentObservationEqualTo(parent);
    }

    @Test
    void failuresAreObserved() {
        Prompt tooLong = new Prompt("word ".repeat(2000));
        assertThatThrownBy(() -> model.call(tooLong)).isInstanceOf(NonTransientAiException.class);
        assertFailed();
        registry.clear();
        assertThatThrownBy(() -> model.stream(tooLong).blockLast()).isInstanceOf(NonTransientAiException.class);
        assertFailed();
    }

    private void assertFailed() {
        assertThat(registry)
                .hasObservationWithNameEqualTo("gen_ai.client.operation")
                .that()
                .hasBeenStopped()
                .thenError()
                .isInstanceOf(NonTransientAiException.class);
    }

    @Test
    void aCancelledStreamEndsItsObservation() {
        assertThat(model.stream(new Prompt("Hello")).take(1).collectList().block())
                .hasSize(1);
        assertThat(registry)
                .hasObservationWithNameEqualTo("gen_ai.client.operation")
                .that()
                .hasBeenStopped();
    }

    @Test
    void theConventionCanBeReplaced() {
        KawiChatModel named = KawiChatModel.builder()
                .model(demo)
                .options(KawiChatOptions.builder().maxTokens(1).build())
                .observationRegistry(registry)
                .observationConvention(new DefaultChatModelObservationConvention() {
                    @Override
                    public String getName() {
                        return "answers";
                    }
                })
                .build();
        named.call(new Prompt("Hello"));
        assertThat(registry).hasObservationWithNameEqualTo("answers");
    }

    @Test
    void metersCountTheTokens() {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        registry.observationConfig().observationHandler(new ChatModelMeterObservationHandler(meters));
        Usage usage = model.call(new Prompt("Hello")).getMetadata().getUsage();
        assertThat(meters.get("gen_ai.client.token.usage")
                        .tag("gen_ai.token.type", "output")
                        .counter()
                        .count())
                .isEqualTo(6);
        assertThat(meters.get("gen_ai.client.token.usage")
                        .tag("gen_ai.token.type", "input")
                        .counter()
                        .count())
                .isEqualTo(usage.getPromptTokens().doubleValue());
    }
}
