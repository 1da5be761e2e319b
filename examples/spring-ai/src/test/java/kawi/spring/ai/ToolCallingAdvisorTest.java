package kawi.spring.ai;

import kawi.Model;
import kawi.scripted.ScriptedModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.test.chat.client.advisor.AbstractToolCallingAdvisorIT;

/** Spring AI's conformance tests of tool calls that an advisor executes. */
final class ToolCallingAdvisorTest extends AbstractToolCallingAdvisorIT {

    private static Model model;

    @BeforeAll
    static void load() {
        model = ScriptedModel.of(LongDemoModel.loader().load(), new WeatherScript());
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Override
    protected ChatModel getChatModel() {
        return KawiChatModel.builder().model(model).build();
    }
}
