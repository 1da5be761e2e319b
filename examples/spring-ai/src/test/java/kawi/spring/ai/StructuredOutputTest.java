package kawi.spring.ai;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import kawi.Model;
import kawi.demo.DemoModel;
import kawi.scripted.ScriptedModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.client.AdvisorParams;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.core.ParameterizedTypeReference;

/** Typed answers of {@link ChatClient}. */
final class StructuredOutputTest {

    enum Size {
        SMALL,
        LARGE
    }

    record Animal(String name, Size size, int legs, List<String> colors) {}

    private static Model demo;

    @BeforeAll
    static void load() {
        demo = DemoModel.load();
    }

    @AfterAll
    static void close() {
        demo.close();
    }

    private static ChatClient client(Model model) {
        return ChatClient.create(KawiChatModel.builder()
                .model(model)
                .options(KawiChatOptions.builder().seed(3L).maxTokens(300).build())
                .build());
    }

    @Test
    void theSchemaConstrainsTheAnswer() {
        Animal animal = client(demo)
                .prompt("Describe a duck.")
                .advisors(AdvisorParams.ENABLE_NATIVE_STRUCTURED_OUTPUT)
                .call()
                .entity(Animal.class);
        assertThat(animal).isNotNull().hasNoNullFieldsOrProperties();
    }

    @Test
    void aListIsConstrainedToo() {
        List<Animal> animals = client(demo)
                .prompt("Describe two ducks.")
                .advisors(AdvisorParams.ENABLE_NATIVE_STRUCTURED_OUTPUT)
                .call()
                .entity(new ParameterizedTypeReference<List<Animal>>() {});
        assertThat(animals).isNotNull();
    }

    @Test
    void theAnswerAfterAThoughtIsConstrained() {
        Animal animal = client(demo)
                .prompt("Describe a duck.")
                .advisors(AdvisorParams.ENABLE_NATIVE_STRUCTURED_OUTPUT)
                .options(KawiChatOptions.builder().thinking(true).thinkingBudget(20))
                .call()
                .entity(Animal.class);
        assertThat(animal).isNotNull().hasNoNullFieldsOrProperties();
    }

    @Test
    void anAnswerInTheFormatOfTheInstructionsIsConverted() {
        ChatClient scripted = client(ScriptedModel.of(
                demo, prompt -> "{\"name\": \"duck\", \"size\": \"SMALL\", \"legs\": 2, \"colors\": [\"white\"]}"));
        assertThat(Objects.requireNonNull(
                        scripted.prompt("Describe a duck.").call().entity(Animal.class)))
                .isEqualTo(new Animal("duck", Size.SMALL, 2, List.of("white")));
    }
}
