package kawi.dialect;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import kawi.Sampling;
import kawi.SamplingPreset;
import kawi.constraint.CallSyntax;
import kawi.reply.ReplyMarkup;
import kawi.reply.Tag;

/**
 * The dialect of Qwen3.5 [1]. A reply is
 *
 * <pre>
 *     &lt;think>
 *     THOUGHT
 *     &lt;/think>
 *
 *     TEXT
 *
 *     &lt;tool_call>
 *     &lt;function=NAME>
 *     &lt;parameter=P>
 *     VALUE
 *     &lt;/parameter>
 *     &lt;/function>
 *     &lt;/tool_call>&lt;|im_end|>
 * </pre>
 *
 * <p>of which the prompt contains the first line, or a whole empty thought. Calls are also accepted in the form of
 * Qwen3 and Hermes, a JSON object inside {@code <tool_call>}. README.md in this package states when a call counts,
 * where it ends, and which deviations from this form are understood.
 *
 * <p>Sampling options are those of the model cards, section "best practices" [2]. The cards of 0.8B and 2B and those of
 * 4B and 9B differ. Where a card has no row for a task, its general row for the mode applies. All have {@code topK} 20
 * and no other option on.
 *
 * <pre>
 *                                   0.8B, 2B                          4B, 9B
 *                             temperature  topP  presence      temperature  topP  presence
 *    thinking                    1.0       0.95    1.5            1.0       0.95    1.5
 *    thinking-coding             0.6       0.95    0              0.6       0.95    0
 *    thinking-vision             0.6       0.95    0              1.0       0.95    1.5
 *    non-thinking                1.0       1       2.0            0.7       0.8     1.5
 *    non-thinking-reasoning      1.0       1       2.0            1.0       0.95    1.5
 *    non-thinking-vision         0.7       0.8     1.5            0.7       0.8     1.5
 * </pre>
 *
 * <p>[1] chat_template.jinja of the published models. [2] README.md of each of them.
 */
public final class QwenDialect implements Dialect {

    private static final ThoughtTags THOUGHTS = new ThoughtTags("<think>", "</think>", "\n</think>\n\n");

    private static final ImageTags IMAGES =
            new ImageTags("<|vision_start|>", "<|image_pad|>", "<|video_pad|>", "<|vision_end|>");

    private static final CallSyntax CALLS = new CallSyntax(
            QwenTag.CALL.text,
            "\n" + QwenTag.FUNCTION.text,
            ">\n",
            new CallSyntax.Tagged(QwenTag.PARAMETER.text, ">\n", "\n" + QwenTag.PARAMETER_END.text, "\n"),
            QwenTag.FUNCTION_END.text + "\n",
            QwenTag.CALL_END.text,
            "\n");

    /** What models write before a call although the format has no such tag: the markup of other formats. */
    static final List<String> FRAMES = List.of(
            "```",
            "<toolcall>",
            "<tool_calls>",
            "<tool>",
            "<tools>",
            "<tool_use>",
            "<function_call>",
            "<function_calls>",
            "<|tool_call_begin|>",
            "<|tool_calls_begin|>",
            "</toolcall>",
            "</tool_calls>",
            "</tool_use>",
            "</function_call>",
            "</function_calls>",
            "</function_invocation>",
            "</invoke>");

    /** Created when the first reply is parsed. */
    private static final class Markup {

        private static final ReplyMarkup ALL = new ReplyMarkup(
                Stream.concat(
                                Arrays.stream(QwenTag.values()).flatMap(QwenDialect::outsideOfCalls),
                                FRAMES.stream().map(frame -> new Tag(Tag.Kind.CALL_FRAME, frame)))
                        .toList(),
                (opening, inThought, tools) -> new QwenCallParser(
                        opening.equals(QwenTag.CALL.text) ? QwenTag.CALL : QwenTag.FUNCTION, inThought, tools));
    }

    private static final Sampling EXPLORING = row(1.0, 1, 2.0);
    private static final Sampling GENERAL = row(1.0, 0.95, 1.5);
    private static final Sampling FOCUSED = row(0.7, 0.8, 1.5);
    private static final Sampling PRECISE = row(0.6, 0.95, 0);

    /** Separates the 2B from the 4B model. */
    private static final long MIN_LARGE_PARAMETERS = 3_000_000_000L;

    /** Less than the smallest published model has; the cards do not apply to smaller models. */
    private static final long MIN_PARAMETERS = 300_000_000L;

    private static Sampling row(double temperature, double topP, double presencePenalty) {
        return Sampling.defaults().temperature(temperature).topK(20).topP(topP).presencePenalty(presencePenalty);
    }

    private static Stream<Tag> outsideOfCalls(QwenTag tag) {
        return switch (tag) {
            case THINK -> Stream.of(new Tag(Tag.Kind.THOUGHT_BEGIN, tag.text));
            case THINK_END -> Stream.of(new Tag(Tag.Kind.THOUGHT_END, tag.text));
            case CALL, FUNCTION -> Stream.of(new Tag(Tag.Kind.CALL_BEGIN, tag.text));
            case CALL_END -> Stream.of(new Tag(Tag.Kind.CALL_END, tag.text));
            case FUNCTION_END, PARAMETER_END -> Stream.of(new Tag(Tag.Kind.CALL_PART_END, tag.text));
            case PARAMETER -> Stream.empty();
        };
    }

    @Override
    public String name() {
        return "Qwen3.5";
    }

    @Override
    public Set<String> families() {
        return Set.of("Qwen3.5");
    }

    @Override
    public boolean matchesTemplate(String chatTemplate) {
        return chatTemplate.contains("<|im_start|>") && chatTemplate.contains(QwenTag.CALL.text);
    }

    @Override
    public List<String> endTokens() {
        return List.of("<|im_end|>", "<|endoftext|>");
    }

    @Override
    public List<String> messageStarts() {
        return List.of("<|im_start|>");
    }

    @Override
    public Optional<ThoughtTags> thoughts() {
        return Optional.of(THOUGHTS);
    }

    @Override
    public ReplyMarkup markup() {
        return Markup.ALL;
    }

    @Override
    public Optional<ImageTags> images() {
        return Optional.of(IMAGES);
    }

    @Override
    public Optional<CallSyntax> calls() {
        return Optional.of(CALLS);
    }

    @Override
    public Map<String, Object> thinking(boolean on) {
        return Map.of("enable_thinking", on);
    }

    @Override
    public String toolRole() {
        return "tool";
    }

    @Override
    public Optional<Sampling> recommended(SamplingPreset preset, long parameters) {
        boolean large = parameters >= MIN_LARGE_PARAMETERS;
        return Optional.of(
                switch (preset) {
                    case THINKING -> GENERAL;
                    case THINKING_CODING -> PRECISE;
                    case THINKING_VISION -> large ? GENERAL : PRECISE;
                    case NON_THINKING -> large ? FOCUSED : EXPLORING;
                    case NON_THINKING_REASONING -> large ? GENERAL : EXPLORING;
                    case NON_THINKING_VISION -> FOCUSED;
                });
    }

    @Override
    public Optional<Sampling> defaultSampling(boolean thinking, long parameters) {
        return parameters < MIN_PARAMETERS
                ? Optional.empty()
                : recommended(thinking ? SamplingPreset.THINKING : SamplingPreset.NON_THINKING, parameters);
    }

    @Override
    public boolean tendsToRepeat(long parameters) {
        return parameters < MIN_LARGE_PARAMETERS;
    }
}
