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
     * Recognizes tags character by character. As {@code <} is only ever a tag's first character, a beginning that
     * turns out to be no tag cannot hide another one, and nothing has to be looked at twice.
     */
    static final class Matcher {

        private final Set<QwenTag> candidates = EnumSet.noneOf(QwenTag.class);
        private String beginning = "";

        /** Whether it stands inside what may become a tag. */
        boolean isActive() {
            return !beginning.isEmpty();
        }

        /** Takes the {@code <} that may begin one of {@code expected}. */
        void begin(Set<QwenTag> expected) {
            candidates.clear();
            candidates.addAll(expected);
            beginning = candidates.isEmpty() ? "" : "<";
        }

        /** Takes the next character; whether there is still, or now, a tag. If not, the character was not taken. */
        boolean accept(char c) {
            int length = beginning.length();
            candidates.removeIf(tag -> tag.text.charAt(length) != c);
            for (QwenTag tag : candidates) {
                beginning = tag.text.substring(0, length + 1);
            }
            return !candidates.isEmpty();
        }

        /** The tag that is complete, after which the matcher is ready for another, or null. */
        @Nullable QwenTag complete() {
            for (QwenTag tag : candidates) {
                if (tag.text.length() == beginning.length()) {
                    reset();
                    return tag;
                }
            }
            return null;
        }

        /** Gives up and returns the beginning that was taken. */
        String reset() {
            String taken = beginning;
            beginning = "";
            candidates.clear();
            return taken;
        }
    }
}
