package kawi.spring.app;

import java.util.Optional;
import kawi.ToolChoice;
import kawi.spring.ai.KawiChatOptions;
import org.springframework.ai.chat.client.AdvisorParams;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.advisor.MessageChatMemoryAdvisor;
import org.springframework.ai.chat.memory.ChatMemory;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;

/** Conversations, streams of server-sent events, a tool and a typed answer. */
@RestController
@RequestMapping("/api")
class ChatController {

    private final ChatClient client;
    private final OpeningHours openingHours;

    ChatController(ChatClient.Builder client, ChatMemory memory, OpeningHours openingHours) {
        this.client = client.defaultAdvisors(
                        MessageChatMemoryAdvisor.builder(memory).build())
                .build();
        this.openingHours = openingHours;
    }

    /** @param conversation messages with the same name continue one conversation */
    record Question(String conversation, String message) {}

    record Answer(String text, String finishReason, int promptTokens, int completionTokens) {

        static Answer of(ChatResponse response) {
            Usage usage = response.getMetadata().getUsage();
            var generation = Optional.ofNullable(response.getResult()).orElseThrow();
            return new Answer(
                    Optional.ofNullable(generation.getOutput().getText()).orElse(""),
                    Optional.ofNullable(generation.getMetadata().getFinishReason()).orElse(""),
                    usage.getPromptTokens(),
                    usage.getCompletionTokens());
        }
    }

    /** Answers as a whole. */
    @PostMapping("/chat")
    Answer chat(@RequestBody Question question) {
        return Answer.of(Optional.ofNullable(in(question.conversation())
                        .user(question.message())
                        .call()
                        .chatResponse())
                .orElseThrow());
    }

    /** Answers in pieces, as server-sent events. A client that disconnects cancels the answer. */
    @GetMapping(path = "/stream", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    Flux<String> stream(@RequestParam String message, @RequestParam(defaultValue = "default") String conversation) {
        return in(conversation).user(message).stream().content();
    }

    /** Answers with the help of a tool, which the model must call first. */
    @GetMapping("/library")
    Answer library(@RequestParam String question) {
        return Answer.of(Optional.ofNullable(in("library")
                        .user(question)
                        .tools(openingHours)
                        .options(KawiChatOptions.builder().toolChoice(ToolChoice.required()))
                        .call()
                        .chatResponse())
                .orElseThrow());
    }

    /** Answers with a value. */
    @GetMapping("/recipe")
    Recipe recipe(@RequestParam String dish) {
        return Optional.ofNullable(in("recipe")
                        .user("A short recipe for " + dish)
                        .advisors(AdvisorParams.ENABLE_NATIVE_STRUCTURED_OUTPUT)
                        .call()
                        .entity(Recipe.class))
                .orElseThrow();
    }

    private ChatClient.ChatClientRequestSpec in(String conversation) {
        return client.prompt().advisors(advisors -> advisors.param(ChatMemory.CONVERSATION_ID, conversation));
    }
}
