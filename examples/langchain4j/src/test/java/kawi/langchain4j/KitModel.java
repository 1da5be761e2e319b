package kawi.langchain4j;

import java.util.Map;
import kawi.Model;
import kawi.demo.DemoModel;
import kawi.scripted.ScriptedModel;

/**
 * The model of LangChain4j's conformance tests: the demo model with the answers that the tests expect of a large one.
 * Only the choice of tokens is scripted; the rendering of the messages and tools, the constraint on the answer, the
 * detection of calls, stop sequences and limits are those of any model.
 */
final class KitModel {

    private static final String STORY =
            "Once there was a fox who lived near a lake, and a bear who lived in the woods behind it.";

    private KitModel() {}

    /** Loads the model. */
    static Model load() {
        return ScriptedModel.of(DemoModel.loader().threads(1).load(), KitModel::answer);
    }

    /** Loads the model for tests that request JSON, which ask the same question as others. */
    static Model loadForJson() {
        return ScriptedModel.of(DemoModel.loader().threads(1).load(), prompt -> "{\"city\": \"Berlin\"}");
    }

    /** The answer to a prompt as the chat template renders it. */
    static String answer(String prompt) {
        int results = prompt.lastIndexOf("<tool_response>");
        if (results >= 0) {
            return afterTools(prompt.substring(results));
        }
        String question = prompt.substring(prompt.lastIndexOf("<|im_start|>user"));
        if (question.contains("Translate: 'I love you'") && prompt.contains("into German")) {
            return "Ich liebe dich";
        } else if (question.contains("What is my favorite color?") && prompt.contains("my favorite color is green")) {
            return "Your favorite color is green.";
        } else if (question.contains("Say 'Hello World'")) {
            return "Hello World";
        } else if (question.contains("weather in Munich and time in France")) {
            return ScriptedModel.call("getWeather", Map.of("city", "Munich")) + "\n"
                    + ScriptedModel.call("getTime", Map.of("country", "France"));
        } else if (question.contains("weather in Munich") || question.contains("I live in Munich")) {
            return ScriptedModel.call("getWeather", Map.of("city", "Munich"));
        } else if (question.contains("get_current_time")) {
            return ScriptedModel.call("get_current_time", Map.of());
        } else if (question.contains("What is the capital of Germany?")) {
            return "The capital of Germany is Berlin.";
        }
        return STORY;
    }

    /** The first answer fits the format that one of the tests requests, and the others do not mind it. */
    private static String afterTools(String results) {
        if (results.contains("14:35")) {
            return "It is sunny in Munich, and 14:35 in France.";
        }
        return results.contains("sunny") ? "{\"weather\": \"sunny\"}" : "It is 10:14.";
    }
}
