package kawi.engine;

import static kawi.engine.VisionModel.ask;
import static kawi.engine.VisionModel.picture;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import kawi.Chat;
import kawi.ChatBuilder;
import kawi.ContextLengthException;
import kawi.ContextPolicy;
import kawi.FinishReason;
import kawi.Message;
import kawi.Model;
import kawi.Prompt;
import kawi.Reply;
import kawi.ReplyListener;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Conversations that do not fit into the context. */
class ContextPolicyTest {

    private static final int CONTEXT = 280;
    private static final int ANSWER = 20;
    private static final String SYSTEM = "You tell stories.";
    private static final String LONG = "Tell me a story about a fox who lost a kite in the wind near the river. ";

    @TempDir
    Path temp;

    private static Model model;

    /** The same model without caches. */
    private static Model bare;

    @BeforeAll
    static void load() throws IOException {
        model = DemoConversations.loader().contextLength(CONTEXT).load();
        bare = DemoConversations.loader()
                .contextLength(CONTEXT)
                .prefixCache(0)
                .snapshotBytes(0)
                .load();
    }

    @AfterAll
    static void close() {
        model.close();
        bare.close();
    }

    private static ChatBuilder chat(Model model) {
        return model.chat()
                .system(SYSTEM)
                .temperature(0)
                .maxTokens(ANSWER)
                .ignoreEnd()
                .contextPolicy(ContextPolicy.DROP_OLDEST);
    }

    /** The answer of a new conversation without caches to all but the last of these messages. */
    private static Reply fresh(List<Message> messages) {
        try (Chat chat = chat(bare)
                .contextPolicy(ContextPolicy.ERROR)
                .logprobs(3)
                .messages(messages.subList(0, messages.size() - 1))
                .open()) {
            return chat.answer().send();
        }
    }

    private static void assertSame(Reply expected, Reply actual) {
        assertEquals(expected.tokens(), actual.tokens());
        assertEquals(expected.logprobs(), actual.logprobs());
        assertEquals(expected.stats().promptTokens(), actual.stats().promptTokens());
    }

    /** Notes what a listener hears. */
    private static final class Heard implements ReplyListener {
        final List<String> all = new ArrayList<>();

        @Override
        public void onText(String piece) {
            all.add("text");
        }

        @Override
        public void onDropped(int messages, int tokens) {
            all.add("%d messages, %d tokens".formatted(messages, tokens));
        }
    }

    @Test
    void theOldestTurnsAreDropped() {
        int drops = 0;
        try (Chat chat = chat(model).logprobs(3).open()) {
            for (int i = 0; i < 10; i++) {
                List<Message> before = chat.messages();
                Heard heard = new Heard();
                String question = i + ". " + LONG;
                Reply reply = chat.send(question, heard);
                List<Message> after = chat.messages();
                int dropped = before.size() + 2 - after.size();
                assertEquals(dropped, reply.stats().droppedMessages());
                assertEquals(0, dropped % 2, "whole turns");
                assertEquals(Message.system(SYSTEM), after.getFirst());
                assertEquals(before.subList(1 + dropped, before.size()), after.subList(1, after.size() - 2));
                assertEquals(dropped > 0, reply.stats().droppedTokens() > 0);
                if (dropped > 0) {
                    drops++;
                    List<Message> whole = new ArrayList<>(before);
                    whole.add(Message.user(question));
                    int tokens = bare.prompt(whole).countTokens();
                    assertTrue(tokens + ANSWER > CONTEXT, "not before it is necessary: " + tokens);
                    assertEquals(
                            tokens - reply.stats().promptTokens(), reply.stats().droppedTokens());
                    assertEquals(
                            "%d messages, %d tokens"
                                    .formatted(dropped, reply.stats().droppedTokens()),
                            heard.all.getFirst());
                    assertTrue(reply.stats().promptTokens() + ANSWER <= CONTEXT - CONTEXT / 4, "a quarter is free");
                    assertTrue(reply.stats().reusedTokens() > 0, "the system message is not processed again");
                }
                assertEquals(dropped > 0 ? 1 : 0, heard.all.size() - Collections.frequency(heard.all, "text"));
                assertSame(fresh(after), reply);
                assertEquals(FinishReason.MAX_TOKENS, reply.finishReason());
            }
        }
        assertTrue(drops >= 2 && drops < 6, "dropped %d times".formatted(drops));
    }

    @Test
    void byDefaultTheMessageFails() {
        try (Chat chat = chat(model).contextPolicy(ContextPolicy.ERROR).open()) {
            chat.send(LONG.repeat(2));
            List<Message> before = chat.messages();
            ContextLengthException full =
                    assertThrows(ContextLengthException.class, () -> chat.send(LONG.repeat(CONTEXT / 20)));
            assertEquals(CONTEXT, full.contextLength());
            assertEquals(before, chat.messages());
            Reply reply =
                    chat.message(LONG).contextPolicy(ContextPolicy.DROP_OLDEST).send();
            assertEquals(0, reply.stats().droppedMessages(), "it fits");
        }
    }

    @Test
    void aMessageThatAloneIsTooLongFails() {
        try (Chat chat = chat(model).open()) {
            chat.send(LONG);
            chat.send(LONG);
            List<Message> before = chat.messages();
            Heard heard = new Heard();
            assertThrows(ContextLengthException.class, () -> chat.send(LONG.repeat(CONTEXT / 10), heard));
            assertEquals(List.of(), heard.all);
            assertEquals(before, chat.messages());
            assertEquals(0, chat.send(LONG).stats().droppedMessages());
        }
    }

    /** The last message alone leaves less room than the answer may take. */
    @Test
    void aMessageThatBarelyFitsIsAnsweredAlone() {
        String question = LONG;
        while (bare.prompt(List.of(Message.system(SYSTEM), Message.user(question + LONG)))
                        .countTokens()
                <= CONTEXT) {
            question += LONG;
        }
        while (bare.prompt(List.of(Message.system(SYSTEM), Message.user(question + " a")))
                        .countTokens()
                <= CONTEXT - 4) {
            question += " a";
        }
        try (Chat chat = chat(model).logprobs(3).open()) {
            chat.send("Hello.");
            Reply reply = chat.send(question);
            assertEquals(2, reply.stats().droppedMessages());
            assertEquals(FinishReason.CONTEXT_FULL, reply.finishReason());
            assertEquals(3, chat.messages().size());
            assertSame(fresh(chat.messages()), reply);
        }
    }

    @Test
    void aShortenedChatIsUndoneForkedAndSavedLikeAnyOther() {
        try (Chat chat = chat(model).logprobs(3).open()) {
            while (chat.send(LONG).stats().droppedMessages() == 0) {}
            List<Message> shortened = chat.messages();
            Path file = temp.resolve("shortened.chat");
            chat.save(file);
            try (Chat fork = chat.fork();
                    Chat loaded = chat(model).logprobs(3).load(file)) {
                assertEquals(shortened, loaded.messages());
                Reply reply = fork.send("And then?");
                assertSame(fresh(fork.messages()), reply);
                assertSame(reply, loaded.send("And then?"));
                assertSame(reply, loaded.again().send());
            }
            assertTrue(chat.undo());
            assertEquals(shortened.subList(0, shortened.size() - 2), chat.messages());
            assertSame(fresh(shortened), chat.send(LONG));
        }
    }

    @Test
    void resultsOfToolsMakeRoomAmongOldMessages() {
        String call = "<tool_call>\n<function=look>\n</function>\n</tool_call>";
        Script script = new Script(model, call, "Yes.");
        List<Message> messages = new ArrayList<>(List.of(Message.system(SYSTEM)));
        for (int i = 0; i < 2; i++) {
            messages.add(Message.user(LONG));
            messages.add(Message.assistant("Once upon a time."));
        }
        ChatBuilder builder = model.chat()
                .tool("look", "", Nothing.class, nothing -> LONG.repeat(6))
                .messages(messages)
                .maxTokens(60)
                .logitsProcessor(script)
                .contextPolicy(ContextPolicy.DROP_OLDEST);
        try (Chat chat = builder.open()) {
            Heard heard = new Heard();
            Reply reply = chat.send("What do you see?", heard);
            assertEquals("Yes.", reply.text());
            assertEquals(FinishReason.END, reply.finishReason());
            assertTrue(reply.stats().droppedMessages() > 0);
            assertEquals(
                    messages.size() + 4 - reply.stats().droppedMessages(),
                    chat.messages().size());
            assertEquals(Message.system(SYSTEM), chat.messages().getFirst());
            assertEquals(
                    List.of(Message.Role.USER, Message.Role.ASSISTANT, Message.Role.TOOL, Message.Role.ASSISTANT),
                    chat
                            .messages()
                            .subList(chat.messages().size() - 4, chat.messages().size())
                            .stream()
                            .map(Message::role)
                            .toList());
            assertFalse(heard.all.getFirst().equals("text"), heard.all.toString());
        }
    }

    record Nothing() {}

    /** Nothing is dropped where it does not help. */
    @Test
    void aResultThatIsTooLongEndsTheAnswer() {
        Script script = new Script(model, "<tool_call>\n<function=look>\n</function>\n</tool_call>");
        List<Message> messages = List.of(Message.user(LONG), Message.assistant("Once upon a time."));
        try (Chat chat = model.chat()
                .tool("look", "", Nothing.class, nothing -> LONG.repeat(CONTEXT / 10))
                .messages(messages)
                .maxTokens(60)
                .logitsProcessor(script)
                .contextPolicy(ContextPolicy.DROP_OLDEST)
                .open()) {
            Reply reply = chat.send("What do you see?");
            assertEquals(FinishReason.CONTEXT_FULL, reply.finishReason());
            assertEquals(0, reply.stats().droppedMessages());
            assertEquals(5, chat.messages().size());
            assertEquals(messages, chat.messages().subList(0, 2));
        }
    }

    @Test
    void promptsOfMessagesAreShortenedToo() {
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            messages.add(Message.user(i + ". " + LONG));
            messages.add(Message.assistant("Once upon a time."));
        }
        messages.add(Message.user("And then?"));
        Prompt prompt = model.prompt(messages).maxTokens(ANSWER).temperature(0).ignoreEnd();
        assertThrows(ContextLengthException.class, prompt::generate);
        Reply reply = prompt.contextPolicy(ContextPolicy.DROP_OLDEST).generate();
        int dropped = reply.stats().droppedMessages();
        assertTrue(dropped > 0 && dropped % 2 == 0, "dropped " + dropped);
        assertEquals(
                bare.prompt(messages.subList(dropped, messages.size()))
                        .maxTokens(ANSWER)
                        .temperature(0)
                        .ignoreEnd()
                        .generate()
                        .tokens(),
                reply.tokens());
        assertThrows(
                IllegalStateException.class,
                () -> model.prompt("Once")
                        .raw()
                        .contextPolicy(ContextPolicy.DROP_OLDEST)
                        .generate());
    }

    @Test
    void imagesGoWithTheirMessages() throws IOException {
        try (Model vision = VisionModel.in(temp).loader().contextLength(160).load();
                Chat chat = vision.chat()
                        .temperature(0)
                        .maxTokens(6)
                        .ignoreEnd()
                        .contextPolicy(ContextPolicy.DROP_OLDEST)
                        .open()) {
            Reply reply;
            int seed = 0;
            do {
                reply = chat.message(ask("?", picture(seed++, 3, 2))).send();
            } while (reply.stats().droppedMessages() == 0);
            assertTrue(chat.messages().size() < 2 * seed);
            assertEquals(
                    chat.messages().size() / 2, reply.stats().images().uses().size());
            List<Message> asked = chat.messages().subList(0, chat.messages().size() - 1);
            assertEquals(
                    vision.prompt(asked)
                            .temperature(0)
                            .maxTokens(6)
                            .ignoreEnd()
                            .generate()
                            .tokens(),
                    reply.tokens());
        }
    }
}
