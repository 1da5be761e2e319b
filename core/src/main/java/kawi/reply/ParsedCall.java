package kawi.reply;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * A tool call as the model wrote it: nothing in it has been compared with the tool's schema yet.
 *
 * @param name the function's
 * @param rawText tags included
 * @param inThought whether it stood inside the thought, where a model may rehearse a call it repeats in the answer
 */
public record ParsedCall(String name, Arguments arguments, String rawText, boolean inThought) {

    /** Untyped values or JSON, depending on the form the model chose. */
    public sealed interface Arguments {}

    /**
     * Values between tags. Each is the text that the chat template would print there: a string as it is, and anything
     * else as JSON, or as Python writes booleans and null.
     *
     * @param values by parameter name, in the order of the call
     */
    public record Parameters(SequencedMap<String, String> values) implements Arguments {
        public Parameters {
            values = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(values));
        }
    }

    /**
     * One JSON object.
     *
     * @param object the text of a well-formed JSON object without duplicate keys
     */
    public record Json(String object) implements Arguments {}
}
