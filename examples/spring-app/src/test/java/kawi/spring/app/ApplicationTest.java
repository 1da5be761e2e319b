package kawi.spring.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import kawi.Model;
import kawi.Prompt;
import kawi.demo.DemoModel;
import kawi.scripted.ScriptedModel;
import org.junit.jupiter.api.Test;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/** The application in the process of the test. */
final class ApplicationTest {

    @Test
    void answersOverHttp() {
        try (ConfigurableApplicationContext context = application().run(arguments());
                ApplicationClient client = client(context)) {
            client.checkEverything();
        }
    }

    @Test
    void anAnswerInProgressIsCompletedBeforeTheModelIsClosed() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch mayAnswer = new CountDownLatch(1);
        Model model = ScriptedModel.of(DemoModel.load(), prompt -> {
            asked.countDown();
            return await(mayAnswer) ? "Here it is." : "late";
        });
        ConfigurableApplicationContext context = start(model);
        try (ApplicationClient client = client(context)) {
            var response = CompletableFuture.supplyAsync(() -> client.send(client.post("/api/chat", "a", "Hello")));
            assertThat(await(asked)).isTrue();
            Thread closing = Thread.startVirtualThread(context::close);
            while (context.getBean(ApplicationAvailability.class).getReadinessState()
                    != ReadinessState.REFUSING_TRAFFIC) {
                Thread.sleep(10);
            }
            mayAnswer.countDown();
            HttpResponse<String> answer = response.get(1, TimeUnit.MINUTES);
            assertThat(answer.body()).contains("Here it is.");
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(closing.join(Duration.ofMinutes(1))).isTrue();
        } finally {
            context.close();
        }
    }

    @Test
    void aClientThatDisconnectsCancelsItsAnswer() throws Exception {
        AtomicInteger generated = new AtomicInteger();
        Model scripted = ScriptedModel.of(DemoModel.load(), prompt -> "word ".repeat(800));
        Model slow = (Model) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Model.class}, (_, method, arguments) -> {
                    Object result = method.invoke(scripted, arguments);
                    return result instanceof Prompt prompt
                            ? prompt.logitsProcessor((_, _) -> {
                                generated.incrementAndGet();
                                LockSupport.parkNanos(50_000_000);
                            })
                            : result;
                });
        try (ConfigurableApplicationContext context = start(slow, "--spring.ai.kawi.chat.max-tokens=900");
                ApplicationClient client = client(context)) {
            try (InputStream events = client.open(client.post("/api/stream", "a", "Hello"))) {
                assertThat(events.read()).isEqualTo('d');
            }
            while (slow.activity().running() > 0) {
                Thread.sleep(10);
            }
            assertThat(generated).hasValueBetween(1, 400);
        }
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static SpringApplicationBuilder application() {
        return new SpringApplicationBuilder(KawiApplication.class);
    }

    private static String[] arguments(String... more) {
        return Stream.concat(ApplicationClient.ARGUMENTS.stream(), Stream.of(more))
                .toArray(String[]::new);
    }

    private static ConfigurableApplicationContext start(Model model, String... arguments) {
        return application()
                .initializers(starting ->
                        ((GenericApplicationContext) starting).registerBean("other", Model.class, () -> model))
                .run(arguments(arguments));
    }

    private static ApplicationClient client(ConfigurableApplicationContext context) {
        return new ApplicationClient(context.getEnvironment().getRequiredProperty("local.server.port", Integer.class));
    }
}
