package kawi.spring.app;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts the application. */
@SpringBootApplication
public class KawiApplication {

    /** Starts the application with the arguments of Spring Boot, such as {@code --server.port=8081}. */
    public static void main(String[] args) {
        SpringApplication.run(KawiApplication.class, args);
    }
}
