package kawi.spring.ai;

import kawi.Model;
import kawi.scripted.ScriptedModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.test.chat.client.advisor.AbstractToolCallingAdvisorAutoRegistrationIT;

/** Spring AI's conformance tests of the advisor that ChatClient adds for tool calls. */
final class ToolCallingAdvisorAutoRegistrationTest extends AbstractToolCallingAdvisorAutoRegistrationIT {

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
