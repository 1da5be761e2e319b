package kawi.dialect;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The markup of a reply in Qwen3.5's dialect. */
enum QwenTag {
    THINK("<think>"),
    THINK_END("</think>"),
    CALL("<tool_call>"),
    CALL_END("</tool_call>"),
    FUNCTION("<function="),
    FUNCTION_END("</function>"),
    PARAMETER("<parameter="),
    PARAMETER_END("</parameter>");

    final String text;

    QwenTag(String text) {
        this.text = text;
    }

    /**
     * Recognizes tags character by character. As {@code <} occurs only as the first character of a tag, an incomplete
     * tag cannot contain the beginning of another one, so no character is read twice.
     */
    static final class Matcher {

        private final Set<QwenTag> candidates = EnumSet.noneOf(QwenTag.class);
        private String beginning = "";

        /** Whether the characters so far may become a tag. */
        boolean isActive() {
            return !beginning.isEmpty();
        }

        /** Accepts the {@code <} that may begin one of {@code expected}. */
        void begin(Set<QwenTag> expected) {
            candidates.clear();
            candidates.addAll(expected);
            beginning = candidates.isEmpty() ? "" : "<";
        }

        /** Accepts the next character, if it continues or completes a tag, and returns whether it does. */
        boolean accept(char c) {
            int length = beginning.length();
            candidates.removeIf(tag -> tag.text.charAt(length) != c);
            for (QwenTag tag : candidates) {
                beginning = tag.text.substring(0, length + 1);
            }
            return !candidates.isEmpty();
        }

        /** Returns the complete tag, after which the matcher is ready for another, or null. */
        @Nullable QwenTag complete() {
            for (QwenTag tag : candidates) {
                if (tag.text.length() == beginning.length()) {
                    reset();
                    return tag;
                }
            }
            return null;
        }

        /** Resets the matcher and returns the characters accepted so far. */
        String reset() {
            String taken = beginning;
            beginning = "";
            candidates.clear();
            return taken;
        }
    }
}
