package kawi.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.memory.chat.MessageWindowChatMemory;
import dev.langchain4j.memory.chat.TokenWindowChatMemory;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.Result;
import dev.langchain4j.service.SystemMessage;
import dev.langchain4j.service.TokenStream;
import dev.langchain4j.service.UserMessage;
import dev.langchain4j.service.V;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import kawi.Model;
import kawi.demo.DemoModel;
import kawi.scripted.ScriptedModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * LangChain4j's AI services on the adapter: with scripted answers where the content matters, and with the demo model,
 * which has not learned to write JSON, where the constraint on the answer must suffice.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AiServicesTest {

    private final Model demo = DemoModel.loader().threads(1).load();

    @AfterAll
    void close() {
        demo.close();
    }

    private ChatModel demoChat(long seed) {
        return KawiChatModel.builder()
                .model(demo)
                .seed(seed)
                .maxOutputTokens(300)
                .build();
    }

    interface Assistant {
        String chat(String message);
    }

    interface DetailedAssistant {
        @SystemMessage("You look things up.")
        Result<String> chat(String message);
    }

    interface StreamingAssistant {
        TokenStream chat(String message);
    }

    static final class Weather {
        final Queue<String> cities = new ConcurrentLinkedQueue<>();

        @Tool("The weather in a city")
        String weather(@P("the name of the city") String city, @P("the number of days") int days) {
            cities.add(city + " " + days);
            return city.equals("Oslo") ? "snow" : "sun";
        }
    }

    /** A call with the arguments in the order of the schema. */
    private static String weatherCall(String city, int days) {
        Map<String, Object> arguments = new LinkedHashMap<>();
        arguments.put("city", city);
        arguments.put("days", days);
        return ScriptedModel.call("weather", arguments);
    }

    /** Asks for the weather in two cities, one after the other, and then answers with both results. */
    private static String weatherScript(String prompt) {
        if (prompt.contains("<tool_response>\nsnow")) {
            return prompt.contains("<tool_response>\nsun") ? "Sun in Rome, snow in Oslo." : "unexpected";
        }
        return prompt.contains("<tool_response>\nsun")
                ? "Now the other one.\n\n" + weatherCall("Oslo", 2)
                : weatherCall("Rome", 3);
    }

    @Test
    void toolsAreCalledUntilTheModelAnswers() {
        Weather weather = new Weather();
        Model model = ScriptedModel.of(demo, AiServicesTest::weatherScript);
        DetailedAssistant assistant = AiServices.builder(DetailedAssistant.class)
                .chatModel(KawiChatModel.builder().model(model).build())
                .tools(weather)
                .build();
        Result<String> result = assistant.chat("How is the weather in Rome and Oslo?");
        assertEquals("Sun in Rome, snow in Oslo.", result.content());
        assertEquals(List.of("Rome 3", "Oslo 2"), List.copyOf(weather.cities));
        assertEquals(
                List.of("sun", "snow"),
                result.toolExecutions().stream()
                        .map(execution -> execution.result())
                        .toList());
        assertTrue(result.tokenUsage().inputTokenCount() > 0);
    }

    @Test
    void toolsAreCalledWhileAnAnswerIsStreamed() throws Exception {
        Weather weather = new Weather();
        Model model = ScriptedModel.of(demo, AiServicesTest::weatherScript);
        StreamingAssistant assistant = AiServices.builder(StreamingAssistant.class)
                .streamingChatModel(
                        KawiStreamingChatModel.builder().model(model).build())
                .tools(weather)
                .build();
        Queue<String> text = new ConcurrentLinkedQueue<>();
        CompletableFuture<ChatResponse> complete = new CompletableFuture<>();
        assistant
                .chat("How is the weather in Rome and Oslo?")
                .onPartialResponse(text::add)
                .onCompleteResponse(complete::complete)
                .onError(complete::completeExceptionally)
                .start();
        ChatResponse response = complete.get(60, TimeUnit.SECONDS);
        assertEquals("Sun in Rome, snow in Oslo.", response.aiMessage().text());
        assertTrue(String.join("", text).endsWith("Sun in Rome, snow in Oslo."), text::toString);
        assertEquals(List.of("Rome 3", "Oslo 2"), List.copyOf(weather.cities));
    }

    static final class Lake {
        @Tool("Catches a fish in a lake")
        String fish(@P("the name of the lake") String lake) {
            if (lake.equals("Toba")) {
                return "a carp";
            }
            throw new IllegalStateException("there is no lake " + lake);
        }
    }

    @Test
    void aFailureOfAToolIsGivenToTheModel() {
        Model model = ScriptedModel.of(
                demo,
                prompt -> prompt.contains("there is no lake Tobo")
                        ? "I could not fish."
                        : ScriptedModel.call("fish", Map.of("lake", "Tobo")));
        Assistant assistant = AiServices.builder(Assistant.class)
                .chatModel(KawiChatModel.builder().model(model).build())
                .tools(new Lake())
                .build();
        assertEquals("I could not fish.", assistant.chat("Go fishing."));
    }

    @Test
    void theMemoryIsPartOfTheNextPrompt() {
        Model model = ScriptedModel.of(
                demo,
                prompt -> prompt.contains("What is my name?") && prompt.contains("My name is Ann") ? "Ann" : "Hello");
        Assistant assistant = AiServices.builder(Assistant.class)
                .chatModel(KawiChatModel.builder().model(model).build())
                .chatMemory(MessageWindowChatMemory.withMaxMessages(10))
                .build();
        assertEquals("Hello", assistant.chat("My name is Ann"));
        assertEquals("Ann", assistant.chat("What is my name?"));
    }

    @Test
    void aTokenWindowForgetsWhatDoesNotFit() {
        KawiTokenCountEstimator estimator = new KawiTokenCountEstimator(demo);
        TokenWindowChatMemory memory = TokenWindowChatMemory.withMaxTokens(60, estimator);
        Assistant assistant = AiServices.builder(Assistant.class)
                .chatModel(KawiChatModel.builder()
                        .model(demo)
                        .seed(1L)
                        .maxOutputTokens(10)
                        .build())
                .chatMemory(memory)
                .build();
        for (int i = 0; i < 8; i++) {
            assistant.chat("Tell me about the fox number " + i + ".");
            List<ChatMessage> messages = memory.messages();
            assertTrue(messages.size() >= 2, "the last question and answer stay");
            assertTrue(estimator.estimateTokenCountInMessages(messages) <= 60);
        }
        assertTrue(memory.messages().size() < 16, "something was forgotten");
    }

    record Animal(String name, int age, boolean wild, List<String> colors) {}

    interface Zoologist {
        @UserMessage("Describe a {{it}}.")
        Animal describe(String kind);
    }

    @Test
    void anAnswerIsAnObject() {
        for (long seed = 1; seed <= 3; seed++) {
            Zoologist zoologist = AiServices.create(Zoologist.class, demoChat(seed));
            assertNotNull(zoologist.describe("fox"), "seed " + seed);
        }
        Model model = ScriptedModel.of(
                demo,
                prompt -> "{\"name\": \"Reynard\", \"age\": 3, \"wild\": true, \"colors\": [\"red\", \"white\"]}");
        Zoologist scripted = AiServices.create(
                Zoologist.class, KawiChatModel.builder().model(model).build());
        assertEquals(new Animal("Reynard", 3, true, List.of("red", "white")), scripted.describe("fox"));
    }

    enum Mood {
        HAPPY,
        SAD,
        NEUTRAL
    }

    interface Critic {
        @UserMessage("What is the mood of this text? {{text}}")
        Mood mood(@V("text") String text);

        @UserMessage("Is this text about an animal? {{it}}")
        boolean isAboutAnimal(String text);

        @UserMessage("How many words has this text? {{it}}")
        int words(String text);
    }

    @Test
    void anAnswerIsAnEnumABooleanOrANumber() {
        for (long seed = 1; seed <= 3; seed++) {
            Critic critic = AiServices.create(Critic.class, demoChat(seed));
            assertNotNull(critic.mood("The fox laughed."), "seed " + seed);
            critic.isAboutAnimal("The fox laughed.");
        }
        Model model = ScriptedModel.of(demo, prompt -> "{\"value\": 3}");
        Critic critic = AiServices.create(
                Critic.class, KawiChatModel.builder().model(model).build());
        assertEquals(3, critic.words("The fox laughed."));
    }

    interface Lister {
        @UserMessage("Name {{it}}.")
        List<String> names(String what);

        @UserMessage("Describe {{it}}.")
        List<Animal> animals(String what);

        @UserMessage("What are the moods in {{it}}?")
        List<Mood> moods(String what);
    }

    @Test
    void anAnswerIsAList() {
        for (long seed = 1; seed <= 3; seed++) {
            Lister lister = AiServices.create(Lister.class, demoChat(seed));
            assertNotNull(lister.names("three animals"), "seed " + seed);
            assertNotNull(lister.animals("two animals"), "seed " + seed);
            assertNotNull(lister.moods("a story"), "seed " + seed);
        }
    }

    record Person(String name, List<Person> children) {}

    interface Genealogist {
        @UserMessage("The family of {{it}}")
        Person family(String name);
    }

    @Test
    void anAnswerIsAnObjectOfARecursiveType() {
        Model model = ScriptedModel.of(
                demo, prompt -> "{\"name\": \"Ann\", \"children\": [{\"name\": \"Bob\", \"children\": []}]}");
        Genealogist genealogist = AiServices.create(
                Genealogist.class, KawiChatModel.builder().model(model).build());
        assertEquals(new Person("Ann", List.of(new Person("Bob", List.of()))), genealogist.family("Ann"));
    }

    @Test
    void toolsAndAValueGoTogether() {
        interface Reporter {
            @UserMessage("Report the weather in {{it}}.")
            Mood report(String city);
        }
        Weather weather = new Weather();
        Model model = ScriptedModel.of(
                demo, prompt -> prompt.contains("<tool_response>") ? "{\"value\": \"SAD\"}" : weatherCall("Oslo", 1));
        Reporter reporter = AiServices.builder(Reporter.class)
                .chatModel(KawiChatModel.builder().model(model).build())
                .tools(weather)
                .build();
        assertEquals(Mood.SAD, reporter.report("Oslo"));
        assertFalse(weather.cities.isEmpty());
    }
}
