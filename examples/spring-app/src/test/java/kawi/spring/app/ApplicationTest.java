package kawi.spring.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import kawi.Model;
import kawi.demo.DemoModel;
import kawi.scripted.ScriptedModel;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/** The application in the process of the test. */
final class ApplicationTest {

    @Test
    void answersOverHttp() {
        try (ConfigurableApplicationContext context = start(KawiApplication.class);
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
        ConfigurableApplicationContext context = new SpringApplicationBuilder(KawiApplication.class)
                .initializers(starting ->
                        ((GenericApplicationContext) starting).registerBean("scripted", Model.class, () -> model))
                .run(ApplicationClient.ARGUMENTS.toArray(String[]::new));
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

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static ConfigurableApplicationContext start(Class<?> application) {
        return SpringApplication.run(application, ApplicationClient.ARGUMENTS.toArray(String[]::new));
    }

    private static ApplicationClient client(ConfigurableApplicationContext context) {
        return new ApplicationClient(context.getEnvironment().getRequiredProperty("local.server.port", Integer.class));
    }
}
