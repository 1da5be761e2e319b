package kawi.spring.app;

import java.util.Map;
import kawi.Model;
import kawi.server.protocol.Api;
import kawi.server.protocol.OpenAi;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;

/** Starts the application. */
@SpringBootApplication
public class KawiApplication {

    /** The handler of the OpenAI protocol. */
    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnProperty("app.openai.enabled")
    Api openAi(Model model) {
        return new OpenAi(Map.of(model.name(), model));
    }

    /** Starts the application with the arguments of Spring Boot, such as {@code --server.port=8081}. */
    public static void main(String[] args) {
        SpringApplication.run(KawiApplication.class, args);
    }
}
