package kawi.server.protocol;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kawi.Model;
import kawi.Prompt;
import kawi.ToolChoice;
import kawi.ToolSpecification;
import tools.jackson.databind.JsonNode;

/**
 * The fields {@code tools}, {@code tool_choice} and {@code parallel_tool_calls}.
 *
 * <p>In chats the name and the schema of a tool are in an object {@code function}; in responses they are next to the
 * type.
 */
final class ToolFields {

    private static final int MAX_TOOLS = 128;

    private final Fields fields;
    private final boolean nested;
    private final Model model;

    /** @param nested whether the definition of a function is in an object of its own, as in chats */
    ToolFields(Fields fields, boolean nested, Model model) {
        this.fields = fields;
        this.nested = nested;
        this.model = model;
    }

    Prompt apply(Prompt plain) {
        Map<String, ToolSpecification> tools = tools();
        Boolean parallel = fields.bool("parallel_tool_calls");
        JsonNode choice = fields.get("tool_choice");
        if (tools.isEmpty()) {
            if (choice != null && !(choice.isString() && List.of("auto", "none").contains(choice.stringValue()))) {
                throw ApiException.invalid(
                        fields.at("tool_choice"),
                        "invalid_value",
                        "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.");
            }
            return plain;
        }
        Prompt prompt = plain;
        if (parallel != null) {
            boolean several = parallel;
            prompt = prompt.parallelToolCalls(several);
        }
        return choice == null ? offer(prompt, tools, ToolChoice.auto()) : choose(prompt, tools, choice);
    }

    private Prompt offer(Prompt prompt, Map<String, ToolSpecification> tools, ToolChoice choice) {
        return Failures.at(
                fields.at("tools"),
                () -> prompt.tools(List.copyOf(tools.values())).toolChoice(choice));
    }

    private Map<String, ToolSpecification> tools() {
        Map<String, ToolSpecification> tools = new LinkedHashMap<>();
        List<JsonNode> items = fields.array("tools");
        if (items == null) {
            return tools;
        }
        if (items.size() > MAX_TOOLS) {
            throw Fields.wrongValue(
                    fields.at("tools"),
                    "it has %d tools, but at most %d are allowed".formatted(items.size(), MAX_TOOLS));
        }
        for (int i = 0; i < items.size(); i++) {
            String path = Json.element(fields.at("tools"), i);
            ToolSpecification tool = tool(Fields.object(items.get(i), path));
            if (tools.put(tool.name(), tool) != null) {
                throw Fields.wrongValue(path, "there are two tools with the name " + tool.name());
            }
        }
        return tools;
    }

    private ToolSpecification tool(Fields tool) {
        String type = tool.requiredString("type");
        if (!type.equals("function")) {
            throw ApiException.unsupported(
                    tool.at("type"), "tools of type '%s' are not supported, only functions are".formatted(type));
        }
        Fields function = nested ? Fields.object(tool.required("function"), tool.at("function")) : tool;
        String name = function.requiredString("name");
        String description = function.string("description");
        Fields parameters = function.object("parameters");
        boolean strict = function.isTrue("strict");
        String text = description == null ? "" : description;
        if (parameters == null) {
            return new ToolSpecification(name, text);
        }
        String schema = Json.text(parameters.node());
        if (strict) {
            // Calls are constrained where that is possible; strictness requires that it is.
            Failures.at(parameters.path(), () -> model.prompt(0).jsonSchema(schema));
        }
        return new ToolSpecification(name, text, schema);
    }

    private Prompt choose(Prompt prompt, Map<String, ToolSpecification> tools, JsonNode choice) {
        String path = fields.at("tool_choice");
        if (choice.isString()) {
            return offer(prompt, tools, mode(choice.stringValue(), path));
        }
        Fields object = Fields.object(choice, path);
        String type = object.requiredString("type");
        return switch (type) {
            case "function" -> {
                Fields function = nested ? Fields.object(object.required("function"), object.at("function")) : object;
                String name = function.requiredString("name");
                requireTool(tools, name, function.at("name"));
                yield offer(prompt, tools, ToolChoice.named(name));
            }
            case "allowed_tools" -> {
                Fields allowed = object.node().has("allowed_tools")
                        ? Fields.object(object.required("allowed_tools"), object.at("allowed_tools"))
                        : object;
                String mode = allowed.requiredString("mode");
                yield offer(prompt, allowed(tools, allowed), mode(mode, allowed.at("mode")));
            }
            default ->
                throw ApiException.unsupported(
                        object.at("type"), "it must be 'function' or 'allowed_tools', not '%s'".formatted(type));
        };
    }

    /** The tools among those offered that may be called. */
    private Map<String, ToolSpecification> allowed(Map<String, ToolSpecification> tools, Fields allowed) {
        List<JsonNode> items = allowed.requiredArray("tools");
        Set<String> names = new HashSet<>();
        for (int i = 0; i < items.size(); i++) {
            Fields item = Fields.object(items.get(i), Json.element(allowed.at("tools"), i));
            Fields function = nested ? Fields.object(item.required("function"), item.at("function")) : item;
            String name = function.requiredString("name");
            requireTool(tools, name, function.at("name"));
            names.add(name);
        }
        Map<String, ToolSpecification> some = new LinkedHashMap<>(tools);
        some.keySet().retainAll(names);
        return some;
    }

    private static void requireTool(Map<String, ToolSpecification> tools, String name, String path) {
        if (!tools.containsKey(name)) {
            throw Fields.wrongValue(path, "there is no tool '%s' in 'tools'".formatted(name));
        }
    }

    private static ToolChoice mode(String mode, String path) {
        return switch (mode) {
            case "auto" -> ToolChoice.auto();
            case "none" -> ToolChoice.none();
            case "required", "any" -> ToolChoice.required();
            default ->
                throw Fields.wrongValue(path, "it is '%s', but must be one of none, auto, required".formatted(mode));
        };
    }
}
