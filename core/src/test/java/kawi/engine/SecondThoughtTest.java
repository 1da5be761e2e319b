package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import kawi.Chat;
import kawi.ChatBuilder;
import kawi.FinishReason;
import kawi.LogitsProcessor;
import kawi.Model;
import kawi.Reply;
import kawi.Tool;
import kawi.reply.ThoughtBudget;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Thoughts after the first one: they share its budget and its guard against repetition. */
class SecondThoughtTest {

    private static final String MORE = "more thoughts here. ".repeat(40);

    private static Model model;
    private static int closing;

    @BeforeAll
    static void load() throws IOException {
        model = DemoConversations.loader().load();
        closing = model.tokenizer().orElseThrow().encodeWithSpecials("\n</think>\n\n").length;
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /** Says the given answers, one after another, where tokens are not forced. */
    private static LogitsProcessor saying(String... answers) {
        int[] said =
                model.tokenizer().orElseThrow().encodeWithSpecials(String.join("<|im_end|>", answers) + "<|im_end|>");
        AtomicInteger next = new AtomicInteger();
        return (tokens, logits) -> {
            Arrays.fill(logits, Float.NEGATIVE_INFINITY);
            logits[said[next.getAndIncrement()]] = 0;
        };
    }

    private static Reply play(ChatBuilder chat, String... answers) {
        try (Chat open = chat.maxTokens(900).logitsProcessor(saying(answers)).open()) {
            return open.send("Well?");
        }
    }

    @Test
    void theBudgetBelongsToAllThoughts() {
        Reply reply = play(
                model.chat().thinking(true).thinkingBudget(6),
                "I.\n</think>\n\n<think>\n" + MORE + "\n</think>\n\nanswer");
        assertTrue(reply.thinking().startsWith("I.\n\nmore"), reply.thinking());
        assertTrue(
                reply.stats().thinkingTokens() <= 6 + ThoughtBudget.GRACE + closing,
                reply.stats().toString());
        assertFalse(reply.text().isEmpty());
    }

    @Test
    void thoughtsThatTheModelOpensAreCounted() {
        Reply reply = play(model.chat().thinking(false).thinkingBudget(6), "<think>\n" + MORE + "\n</think>\n\nanswer");
        assertTrue(reply.thinking().startsWith("more thoughts"), reply.thinking());
        assertTrue(
                reply.stats().thinkingTokens() <= 6 + ThoughtBudget.GRACE + closing,
                reply.stats().toString());
        assertTrue(reply.stats().thinkingTokens() > 6, reply.stats().toString());
    }

    @Test
    void thoughtsWithinTheBudgetAreLeftAlone() {
        Reply reply = play(
                model.chat().thinking(true).thinkingBudget(60),
                "I.\n</think>\n\n<think>\nII.\n</think>\n\n<think>\nIII.\n</think>\n\nanswer");
        assertEquals("I.\n\nII.\n\nIII.", reply.thinking());
        assertEquals("answer", reply.text());
    }

    @Test
    void aSpentBudgetClosesFurtherThoughtsAtOnce() {
        Reply reply = play(model.chat().thinking(true).thinkingBudget(0), "<think><think><think>It is so.");
        assertEquals("", reply.thinking());
        assertEquals("It is so.", reply.text());
        assertEquals(4 * closing, reply.stats().thinkingTokens());
    }

    @Test
    void noThoughtIsBegunOnceTheBudgetIsSpent() {
        int opener = model.tokenizer().orElseThrow().encodeWithSpecials("<think>")[0];
        try (Chat chat = model.chat()
                .thinking(true)
                .thinkingBudget(0)
                .maxTokens(40)
                .logitsProcessor((tokens, logits) -> logits[opener] = 1000)
                .open()) {
            Reply reply = chat.send("Well?");
            assertEquals("", reply.thinking());
            assertNotEquals(opener, reply.tokens().get(closing));
        }
    }

    @Test
    void theBudgetIsForAllRoundsOfAnAnswer() {
        String call = "<tool_call>\n<function=clock>\n</function>\n</tool_call>";
        List<String> asked = new ArrayList<>();
        Tool clock = Tool.of("clock", "The time", () -> {
            asked.add("time");
            return "noon";
        });
        Reply reply = play(
                model.chat().tools(clock).thinking(true).thinkingBudget(6),
                "more thoughts here." + call,
                "It is noon.");
        assertEquals(List.of("time"), asked);
        assertEquals("more thoughts here.", reply.thinking());
        assertEquals("It is noon.", reply.text());
    }

    @Test
    void repetitionIsFoundInASecondThought() {
        String wait = "Wait, let me check the number of kites again. ".repeat(100);
        try (Chat chat = model.chat()
                .thinking(true)
                .loopGuard(true)
                .maxTokens(900)
                .logitsProcessor(new Script(model, "I.\n</think>\n\n<think>\n" + wait))
                .open()) {
            Reply reply = chat.send("Well?");
            assertTrue(reply.stats().thinkingTokens() < 560, reply.stats().toString());
            assertEquals(FinishReason.MAX_TOKENS, reply.finishReason());
        }
    }

    @Test
    void repeatedThoughtsAreRepetition() {
        String again = "Wait, let me check the number of kites again, one by one.\n</think>\n\n<think>\n".repeat(80);
        try (Chat chat = model.chat()
                .thinking(true)
                .loopGuard(true)
                .maxTokens(1500)
                .logitsProcessor(new Script(model, again))
                .open()) {
            Reply reply = chat.send("Well?");
            assertTrue(reply.stats().thinkingTokens() < 800, reply.stats().toString());
        }
    }

    @Test
    void stopStringsApplyToTheAnswerAfterAllThoughts() {
        Reply reply = play(
                model.chat().thinking(true).stop("stop"),
                "I stop.\n</think>\n\n<think>\nII stop.\n</think>\n\nNow stop here.");
        assertEquals("I stop.\n\nII stop.", reply.thinking());
        assertEquals("Now ", reply.text());
        assertEquals(FinishReason.STOP_STRING, reply.finishReason());
    }
}
