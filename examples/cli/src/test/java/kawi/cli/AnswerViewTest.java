package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;
import kawi.Progress;
import kawi.ToolCall;
import kawi.ToolResult;
import org.junit.jupiter.api.Test;

class AnswerViewTest {

    private static final ToolCall CALL = new ToolCall("1", "calculator", "{\"expression\":\"1+1\"}");

    private static String shown(Map<String, String> environment, Consumer<AnswerView> answer) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (AnswerView view =
                new AnswerView(new Terminal(InputStream.nullInputStream(), out, out, true, environment))) {
            answer.accept(view);
        }
        return out.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    }

    private static void answer(AnswerView view) {
        view.onThinking("hm, ");
        view.onThinking("sum");
        view.onToolCall(CALL);
        view.onToolResult(new ToolResult(CALL, "2\n", null));
        view.onText("It is *");
        view.onText("two*.");
    }

    @Test
    void thoughtsAreDimmedAndToolsHaveALine() {
        assertEquals("""
                \033[2mhm, \033[0m\033[2msum\033[0m
                \033[2m[calculator {"expression":"1+1"}]\033[0m\033[2m 2 \033[0m
                It is \033[0;3mtwo\033[0m.
                """, shown(Map.of("TERM", "xterm"), AnswerViewTest::answer));
    }

    @Test
    void withoutStylesThoughtsAreNamed() {
        String plain = "[thinking]\nhm, sum\n[calculator {\"expression\":\"1+1\"}] 2 \nIt is *two*.\n";
        assertEquals(plain, shown(Map.of("TERM", "dumb"), AnswerViewTest::answer));
        assertEquals(plain, shown(Map.of("TERM", "xterm", "NO_COLOR", "1"), AnswerViewTest::answer));
    }

    @Test
    void droppedMessagesHaveALine() {
        assertEquals(
                "[the context is full: the oldest 4 messages, 812 tokens, were dropped]\nYes\n",
                shown(Map.of("TERM", "dumb"), view -> {
                    view.onDropped(4, 812);
                    view.onText("Yes");
                }));
    }

    @Test
    void theTerminalDoesNotObeyTheModel() {
        String text = shown(Map.of("TERM", "dumb"), view -> view.onText("a\033]0;title\007b\177\u009b2Jc\td\n"));
        assertEquals("a\u241b]0;title\u2407b\u2421\uFFFD2Jc\td\n", text);
    }

    @Test
    void progressGivesWayToTheAnswer() throws InterruptedException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(InputStream.nullInputStream(), out, out, true, Map.of());
        try (AnswerView view = new AnswerView(terminal)) {
            Thread.sleep(150);
            view.onProgress(new Progress.Step(Progress.Stage.PREFILL, "prompt", 512, 4096));
            view.onText("Yes");
        }
        assertEquals(
                "\r\033[Kprocessing the prompt  12% [###                           ] 512 of 4096 tokens\r\033[KYes\n",
                out.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n"));
        assertFalse(out.toString(StandardCharsets.UTF_8).contains("[0m"));
    }
}
