package kawi.spring.app;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Objects;
import kawi.ToolChoice;
import kawi.spring.ai.KawiChatOptions;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.client.AdvisorParams;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.advisor.MessageChatMemoryAdvisor;
import org.springframework.ai.chat.memory.ChatMemory;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
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
    private final MessageChatMemoryAdvisor memory;
    private final OpeningHours openingHours;

    ChatController(ChatClient.Builder client, ChatMemory memory, OpeningHours openingHours) {
        this.client = client.build();
        this.memory = MessageChatMemoryAdvisor.builder(memory).build();
        this.openingHours = openingHours;
    }

    /** @param conversation messages with the same name continue one conversation */
    record Question(String conversation, String message) {}

    record Answer(String text, String finishReason, int promptTokens, int completionTokens) {

        static Answer of(@Nullable ChatResponse response) {
            ChatResponse whole = Objects.requireNonNull(response);
            Piece all = Piece.of(whole);
            Usage usage = whole.getMetadata().getUsage();
            return new Answer(
                    all.text(),
                    Objects.requireNonNullElse(all.finishReason(), ""),
                    usage.getPromptTokens(),
                    usage.getCompletionTokens());
        }
    }

    /** A piece of an answer or of the thought before it; the last one has the finish reason. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Piece(
            String text,
            @Nullable String thinking,
            @Nullable String finishReason) {

        static Piece of(ChatResponse response) {
            Generation generation = Objects.requireNonNull(response.getResult());
            return new Piece(
                    Objects.requireNonNullElse(generation.getOutput().getText(), ""),
                    generation.getMetadata().get("thinking"),
                    generation.getMetadata().getFinishReason());
        }
    }

    /** Answers as a whole. */
    @PostMapping("/chat")
    Answer chat(@RequestBody Question question) {
        return Answer.of(
                in(question.conversation()).user(question.message()).call().chatResponse());
    }

    /** Answers in pieces, as server-sent events of JSON. A client that disconnects cancels the answer. */
    @PostMapping(path = "/stream", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    Flux<Piece> stream(@RequestBody Question question) {
        return in(question.conversation()).user(question.message()).stream()
                .chatResponse()
                .map(Piece::of);
    }

    /** Answers with the help of a tool, which the model must call first. */
    @GetMapping("/library")
    Answer library(@RequestParam String question) {
        return Answer.of(client.prompt(question)
                .tools(openingHours)
                .options(KawiChatOptions.builder().toolChoice(ToolChoice.required()))
                .call()
                .chatResponse());
    }

    /** Answers with a value. */
    @GetMapping("/recipe")
    Recipe recipe(@RequestParam String dish) {
        return Objects.requireNonNull(client.prompt("A short recipe for " + dish)
                .advisors(AdvisorParams.ENABLE_NATIVE_STRUCTURED_OUTPUT)
                .call()
                .entity(Recipe.class));
    }

    private ChatClient.ChatClientRequestSpec in(String conversation) {
        return client.prompt()
                .advisors(memory)
                .advisors(advisors -> advisors.param(ChatMemory.CONVERSATION_ID, conversation));
    }
}
