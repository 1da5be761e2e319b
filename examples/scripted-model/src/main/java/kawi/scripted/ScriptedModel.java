package kawi.scripted;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.function.UnaryOperator;
import kawi.ChatBuilder;
import kawi.Model;
import kawi.Prompt;

/**
 * A model that gives the answers of a script. They are forced token by token on another model, so the template, the
 * tokenizer, the engine, the constraint on the answer and the parser of calls and thoughts are the real ones.
 *
 * {@snippet :
 *    Model model = ScriptedModel.of(demo, prompt -> prompt.contains("Paris") ? "It rains." : "I do not know.");
 * }
 */
public final class ScriptedModel {

    private ScriptedModel() {}

    /**
     * Returns a model that answers with a script. Closing it closes {@code model}.
     *
     * @param model has a tokenizer; any model does
     * @param script from a prompt, as the chat template has rendered it, to the answer with its markup, such as that of
     *     {@link #call}. It must be thread-safe. If the prompt ends in an open thought that the answer does not close,
     *     the thought is empty
     */
    public static Model of(Model model, UnaryOperator<String> script) {
        return (Model) Proxy.newProxyInstance(
                ScriptedModel.class.getClassLoader(), new Class<?>[] {Model.class}, (_, method, arguments) -> {
                    if (method.getName().equals("generate")) {
                        return model.prompt((String) arguments[0])
                                .logitsProcessor(new ForcedAnswer(model, script))
                                .generate();
                    }
                    Object result;
                    try {
                        result = method.invoke(model, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                    return switch (result) {
                        case Prompt prompt -> prompt.logitsProcessor(new ForcedAnswer(model, script));
                        case ChatBuilder chat -> chat.logitsProcessor(new ForcedAnswer(model, script));
                        case null, default -> result;
                    };
                });
    }

    /**
     * Returns a tool call as Qwen3.5 models write it.
     *
     * @param arguments from the name of a parameter to its value; text as it is, other values as JSON
     */
    public static String call(String tool, Map<String, ?> arguments) {
        StringBuilder call =
                new StringBuilder("<tool_call>\n<function=").append(tool).append(">\n");
        arguments.forEach((name, value) -> call.append("<parameter=")
                .append(name)
                .append(">\n")
                .append(value)
                .append("\n</parameter>\n"));
        return call.append("</function>\n</tool_call>").toString();
    }
}
