package kawi.spring.ai.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.MeterRegistry;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import kawi.Concurrency;
import kawi.Model;
import kawi.SamplingPreset;
import kawi.demo.DemoModel;
import kawi.scripted.ScriptedModel;
import kawi.spring.ai.KawiChatModel;
import kawi.spring.ai.KawiChatOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.advisor.MessageChatMemoryAdvisor;
import org.springframework.ai.chat.memory.ChatMemory;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.observation.ChatModelObservationConvention;
import org.springframework.ai.chat.observation.DefaultChatModelObservationConvention;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.chat.client.autoconfigure.ChatClientAutoConfiguration;
import org.springframework.ai.model.chat.memory.autoconfigure.ChatMemoryAutoConfiguration;
import org.springframework.ai.model.chat.observation.autoconfigure.ChatObservationAutoConfiguration;
import org.springframework.ai.model.tool.autoconfigure.ToolCallingAutoConfiguration;
import org.springframework.ai.tool.annotation.Tool;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the starter configures, with which properties, and what makes it step back. */
final class KawiAutoConfigurationTest {

    private static final String DEMO = "spring.ai.kawi.model=classpath:kawi/demo/demo-q8_0.gguf";

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    KawiAutoConfiguration.class,
                    KawiHealthAutoConfiguration.class,
                    KawiMetricsAutoConfiguration.class,
                    ToolCallingAutoConfiguration.class,
                    ChatClientAutoConfiguration.class,
                    ChatMemoryAutoConfiguration.class));

    @Test
    void aModelIsLoadedAndAnswers() {
        runner.withPropertyValues(DEMO, "spring.ai.kawi.chat.max-tokens=5").run(context -> {
            assertThat(context).hasSingleBean(Model.class).hasSingleBean(KawiChatModel.class);
            assertThat(context.getBean(ChatModel.class).call("Hello")).isNotBlank();
        });
    }

    @Test
    void theModelIsClosedWithTheContext() {
        runner.withPropertyValues(DEMO).run(context -> {
            Model model = context.getBean(Model.class);
            context.close();
            assertThatThrownBy(() -> model.generate("Hello"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
        });
    }

    @Test
    void propertiesAreBound() {
        runner.withPropertyValues(
                        DEMO,
                        "spring.ai.kawi.context-length=512",
                        "spring.ai.kawi.threads=1",
                        "spring.ai.kawi.kernels=scalar",
                        "spring.ai.kawi.keys-and-values=f32",
                        "spring.ai.kawi.quantize=Q4_0",
                        "spring.ai.kawi.rope-scaling=yarn:2",
                        "spring.ai.kawi.prefix-cache=1MB",
                        "spring.ai.kawi.offline=true",
                        "spring.ai.kawi.concurrency.sequences=3",
                        "spring.ai.kawi.concurrency.waiting=4",
                        "spring.ai.kawi.concurrency.key-value-memory=5MB",
                        "spring.ai.kawi.chat.model=stories",
                        "spring.ai.kawi.chat.max-tokens=6",
                        "spring.ai.kawi.chat.temperature=0.7",
                        "spring.ai.kawi.chat.top-k=8",
                        "spring.ai.kawi.chat.top-p=0.9",
                        "spring.ai.kawi.chat.min-p=0.1",
                        "spring.ai.kawi.chat.frequency-penalty=0.2",
                        "spring.ai.kawi.chat.presence-penalty=0.3",
                        "spring.ai.kawi.chat.repetition-penalty=1.1",
                        "spring.ai.kawi.chat.stop-sequences=a,b",
                        "spring.ai.kawi.chat.seed=7",
                        "spring.ai.kawi.chat.preset=non-thinking",
                        "spring.ai.kawi.chat.thinking=false",
                        "spring.ai.kawi.chat.thinking-budget=9",
                        "spring.ai.kawi.chat.loop-guard=true",
                        "spring.ai.kawi.chat.max-wait=10s")
                .run(context -> {
                    Model model = context.getBean(Model.class);
                    assertThat(model.contextLength()).isEqualTo(512);
                    assertThat(model.threads()).isEqualTo(1);
                    assertThat(model.kernels()).isEqualTo("scalar");
                    assertThat(model.keysAndValues()).isEqualTo("f32");
                    assertThat(model.memoryPlan().weights()).isLessThan(2_500_000);
                    assertThat(model.prefixCache().budget()).isEqualTo(1 << 20);
                    assertThat(model.activity().limits())
                            .isEqualTo(Concurrency.defaults()
                                    .sequences(3)
                                    .waiting(4)
                                    .keyValueBytes(5 << 20));
                    assertThat(context.getBean(KawiChatModel.class).getOptions())
                            .isEqualTo(KawiChatOptions.builder()
                                    .model("stories")
                                    .maxTokens(6)
                                    .temperature(0.7)
                                    .topK(8)
                                    .topP(0.9)
                                    .minP(0.1)
                                    .frequencyPenalty(0.2)
                                    .presencePenalty(0.3)
                                    .repetitionPenalty(1.1)
                                    .stopSequences(List.of("a", "b"))
                                    .seed(7L)
                                    .preset(SamplingPreset.NON_THINKING)
                                    .thinking(false)
                                    .thinkingBudget(9)
                                    .loopGuard(true)
                                    .maxWait(Duration.ofSeconds(10))
                                    .build());
                });
    }

    @Test
    void aModelSeesWithATower(@TempDir Path folder) throws Exception {
        String resources = "classpath:kawi/demo/vision/";
        Path tower = folder.resolve("tower.gguf");
        try (var demo =
                Objects.requireNonNull(DemoModel.class.getResourceAsStream("vision/mmproj-demo-vision-f16.gguf"))) {
            Files.copy(demo, tower);
        }
        byte[] picture;
        try (var image = new ByteArrayOutputStream()) {
            ImageIO.write(new BufferedImage(96, 96, BufferedImage.TYPE_INT_RGB), "png", image);
            picture = image.toByteArray();
        }
        for (String vision : List.of(resources + "mmproj-demo-vision-f16.gguf", tower.toString())) {
            runner.withPropertyValues(
                            "spring.ai.kawi.model=" + resources + "demo-vision-q8_0.gguf",
                            "spring.ai.kawi.vision=" + vision,
                            "spring.ai.kawi.images.min-tokens=1",
                            "spring.ai.kawi.images.max-tokens=4",
                            "spring.ai.kawi.images.cache=1MB")
                    .run(context -> {
                        Model model = context.getBean(Model.class);
                        assertThat(model.seesImages()).isTrue();
                        assertThat(model.imageCache().budget()).isEqualTo(1 << 20);
                        assertThat(model.prompt("?")
                                        .image(picture)
                                        .maxTokens(1)
                                        .generate()
                                        .stats()
                                        .images()
                                        .tokens())
                                .isEqualTo(4);
                    });
        }
        runner.withPropertyValues(DEMO, "spring.ai.kawi.vision=" + folder.resolve("none.gguf"))
                .run(context -> assertThat(context).getFailure().rootCause().hasMessageContaining("none.gguf"));
    }

    @Test
    void aFileIsLoaded(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("copy.gguf");
        try (var demo = Objects.requireNonNull(DemoModel.class.getResourceAsStream("demo-q8_0.gguf"))) {
            Files.copy(demo, file);
        }
        for (String name : List.of(file.toString(), file.toUri().toString())) {
            runner.withPropertyValues("spring.ai.kawi.model=" + name)
                    .run(context ->
                            assertThat(context.getBean(Model.class).name()).isEqualTo("copy.gguf"));
        }
    }

    @Test
    void anotherProviderCanBeChosen() {
        runner.withPropertyValues("spring.ai.model.chat=openai")
                .run(context -> assertThat(context).doesNotHaveBean(Model.class).doesNotHaveBean(ChatModel.class));
        runner.withPropertyValues("spring.ai.model.chat=kawi", DEMO)
                .run(context -> assertThat(context).hasSingleBean(KawiChatModel.class));
    }

    @Test
    void withoutTheChatModelNothingIsConfigured() {
        runner.withClassLoader(new FilteredClassLoader(KawiChatModel.class))
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(Model.class));
    }

    @Test
    void withoutActuatorThereIsNoHealthAndNoMetrics() {
        runner.withPropertyValues(DEMO)
                .withClassLoader(new FilteredClassLoader(HealthIndicator.class, MeterRegistry.class))
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasSingleBean(KawiChatModel.class)
                        .doesNotHaveBean("kawiHealthIndicator")
                        .doesNotHaveBean("kawiMetrics"));
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnModel {

        @Bean
        Model own() {
            return ScriptedModel.of(DemoModel.load(), prompt -> {
                if (prompt.contains("first")) {
                    return prompt.contains("second") ? "I remember." : "Yes.";
                }
                return prompt.contains("<tool_response>")
                        ? "It is noon."
                        : prompt.contains("<tools>") ? ScriptedModel.call("time", Map.of()) : "Nothing.";
            });
        }
    }

    @Test
    void anOwnModelReplacesTheConfiguredOne() {
        runner.withUserConfiguration(OwnModel.class).run(context -> {
            assertThat(context).hasSingleBean(Model.class).hasBean("own");
            assertThat(context.getBean(ChatModel.class).call("Hello")).isEqualTo("Nothing.");
        });
    }

    @Test
    void anOwnChatModelReplacesTheConfiguredOne() {
        KawiChatModel[] own = new KawiChatModel[1];
        try (Model model = DemoModel.load()) {
            own[0] = KawiChatModel.builder().model(model).build();
            runner.withPropertyValues(DEMO)
                    .withBean(KawiChatModel.class, () -> own[0])
                    .run(context -> assertThat(context.getBean(ChatModel.class)).isSameAs(own[0]));
        }
    }

    @Test
    void customizersChangeTheLoader() {
        runner.withPropertyValues(DEMO, "spring.ai.kawi.context-length=512")
                .withBean(ModelLoaderCustomizer.class, () -> loader -> loader.contextLength(256))
                .run(context ->
                        assertThat(context.getBean(Model.class).contextLength()).isEqualTo(256));
    }

    static class Clock {
        @Tool(description = "The time")
        String time() {
            return "noon";
        }
    }

    @Test
    void theChatClientUsesToolsMemoryAndStreams() {
        runner.withUserConfiguration(OwnModel.class).run(context -> {
            ChatClient client = context.getBean(ChatClient.Builder.class).build();
            assertThat(client.prompt("What time is it?")
                            .tools(new Clock())
                            .call()
                            .content())
                    .isEqualTo("It is noon.");
            List<String> pieces = Objects.requireNonNull(client.prompt("What time is it?").tools(new Clock()).stream()
                    .content()
                    .collectList()
                    .block());
            assertThat(String.join("", pieces)).isEqualTo("It is noon.");

            ChatClient remembering = context.getBean(ChatClient.Builder.class)
                    .defaultAdvisors(MessageChatMemoryAdvisor.builder(context.getBean(ChatMemory.class))
                            .build())
                    .defaultAdvisors(advisors -> advisors.param(ChatMemory.CONVERSATION_ID, "one"))
                    .build();
            assertThat(remembering.prompt("first").call().content()).isEqualTo("Yes.");
            assertThat(remembering.prompt("second").call().content()).isEqualTo("I remember.");
        });
    }

    @Test
    void healthTellsWhatTheModelDoes() {
        runner.withPropertyValues(DEMO).run(context -> {
            HealthIndicator indicator = context.getBean(HealthIndicator.class);
            Health health = Objects.requireNonNull(indicator.health());
            assertThat(health.getStatus()).isEqualTo(Status.UP);
            assertThat(health.getDetails())
                    .containsEntry("model", "demo-q8_0.gguf")
                    .containsEntry("contextLength", 1024)
                    .containsEntry("running", 0)
                    .containsEntry("waiting", 0);
        });
        runner.withPropertyValues(DEMO, "management.health.kawi.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean(HealthIndicator.class));
    }

    @Test
    void metersCountWhatTheModelDoes() {
        runner.withConfiguration(AutoConfigurations.of(
                        MetricsAutoConfiguration.class,
                        SimpleMetricsExportAutoConfiguration.class,
                        CompositeMeterRegistryAutoConfiguration.class,
                        ObservationAutoConfiguration.class,
                        ChatObservationAutoConfiguration.class))
                .withPropertyValues(DEMO, "spring.ai.kawi.chat.max-tokens=5")
                .run(context -> {
                    MeterRegistry meters = context.getBean(MeterRegistry.class);
                    var usage = context.getBean(ChatModel.class)
                            .call(new Prompt("Tell me a story."))
                            .getMetadata()
                            .getUsage();
                    assertThat(usage.getCompletionTokens()).isEqualTo(5);
                    Model model = context.getBean(Model.class);
                    assertThat(meters.get("kawi.answers.running").gauge().value())
                            .isZero();
                    assertThat(meters.get("kawi.answers.waiting").gauge().value())
                            .isZero();
                    assertThat(meters.get("kawi.answers.refused")
                                    .functionCounter()
                                    .count())
                            .isZero();
                    assertThat(meters.get("kawi.tokens")
                                    .tag("phase", "prefill")
                                    .tag("model", "demo-q8_0.gguf")
                                    .functionCounter()
                                    .count())
                            .isEqualTo((double) model.activity().prefilledTokens());
                    assertThat(meters.get("kawi.tokens")
                                    .tag("phase", "decode")
                                    .functionCounter()
                                    .count())
                            .isEqualTo((double) model.activity().decodedTokens());
                    assertThat(meters.get("gen_ai.client.operation").timer().count())
                            .isEqualTo(1);
                    assertThat(meters.get("gen_ai.client.token.usage")
                                    .tag("gen_ai.token.type", "output")
                                    .counter()
                                    .count())
                            .isEqualTo(5);
                });
    }

    @Test
    void theConventionOfObservationsCanBeReplaced() {
        runner.withConfiguration(AutoConfigurations.of(
                        MetricsAutoConfiguration.class,
                        SimpleMetricsExportAutoConfiguration.class,
                        CompositeMeterRegistryAutoConfiguration.class,
                        ObservationAutoConfiguration.class))
                .withPropertyValues(DEMO, "spring.ai.kawi.chat.max-tokens=1")
                .withBean(ChatModelObservationConvention.class, () -> new DefaultChatModelObservationConvention() {
                    @Override
                    public String getName() {
                        return "answers";
                    }
                })
                .run(context -> {
                    context.getBean(ChatModel.class).call("Hello");
                    assertThat(context.getBean(MeterRegistry.class)
                                    .get("answers")
                                    .timer()
                                    .count())
                            .isEqualTo(1);
                });
    }

    @Test
    void aMissingPropertyIsExplained() {
        runner.run(context -> assertThat(analysis(context.getStartupFailure())).satisfies(analysis -> {
            assertThat(analysis.getDescription()).contains("the property spring.ai.kawi.model is not set");
            assertThat(analysis.getAction())
                    .contains("Set spring.ai.kawi.model", "hf:Qwen/Qwen3.5-0.8B", "spring.ai.model.chat");
        }));
    }

    @Test
    void aModelThatCannotBeLoadedIsExplained(@TempDir Path folder) throws Exception {
        Path damaged = Files.writeString(folder.resolve("damaged.gguf"), "no model");
        List<String> settings = List.of(
                "spring.ai.kawi.model=" + folder.resolve("absent.gguf"),
                "spring.ai.kawi.model=" + damaged,
                "spring.ai.kawi.model=classpath:absent.gguf");
        for (String setting : settings) {
            runner.withPropertyValues(setting)
                    .run(context -> assertThat(analysis(context.getStartupFailure()))
                            .satisfies(analysis -> {
                                assertThat(analysis.getDescription())
                                        .startsWith("Kawi cannot load the model "
                                                + setting.substring(setting.indexOf('=') + 1));
                                assertThat(analysis.getAction()).startsWith("Correct the problem");
                            }));
        }
        runner.withPropertyValues(DEMO, "spring.ai.kawi.context-length=2000000")
                .run(context -> assertThat(analysis(context.getStartupFailure()).getDescription())
                        .contains("contextLength is 2000000"));
    }

    private static FailureAnalysis analysis(@Nullable Throwable failure) {
        assertThat(failure).isNotNull();
        return Objects.requireNonNull(new ModelFailureAnalyzer().analyze(Objects.requireNonNull(failure)));
    }

    @Test
    void answersInProgressAreCompletedAtShutdown() {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch mayAnswer = new CountDownLatch(1);
        runner.withBean(
                        Model.class,
                        () -> ScriptedModel.of(DemoModel.load(), prompt -> {
                            asked.countDown();
                            return await(mayAnswer) ? "Here it is." : "late";
                        }))
                .run(context -> {
                    ChatModel model = context.getBean(ChatModel.class);
                    CompletableFuture<String> answer = CompletableFuture.supplyAsync(() -> model.call("Hello"));
                    assertThat(await(asked)).isTrue();
                    Thread closing = Thread.startVirtualThread(context::close);
                    ModelLifecycle lifecycle = context.getBean(ModelLifecycle.class);
                    assertThat(closing.join(Duration.ofMillis(200)))
                            .as("it waits for the answer")
                            .isFalse();
                    assertThat(lifecycle.isRunning()).isTrue();
                    mayAnswer.countDown();
                    assertThat(answer.get(1, TimeUnit.MINUTES)).isEqualTo("Here it is.");
                    assertThat(closing.join(Duration.ofMinutes(1))).isTrue();
                    assertThat(lifecycle.isRunning()).isFalse();
                });
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
