package kawi.dialect;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import kawi.Sampling;
import kawi.SamplingPreset;
import kawi.constraint.CallSyntax;
import kawi.reply.ReplyMarkup;
import kawi.reply.Tag;

/**
 * A dialect of no model, which has nothing in common with Qwen's: {@code <<<} thought {@code >>>} text
 * {@code [TOOL]{"name": …, "arguments": {…}}[/TOOL]}, with tokens at the ends of messages that Qwen uses for something
 * else.
 */
public final class ToyDialect implements Dialect {

    static final String CALL = "[TOOL]";
    static final String CALL_END = "[/TOOL]";

    @Override
    public String name() {
        return "toy";
    }

    @Override
    public Set<String> families() {
        return Set.of("Toy");
    }

    @Override
    public boolean matchesTemplate(String chatTemplate) {
        return chatTemplate.contains(CALL);
    }

    @Override
    public List<String> endTokens() {
        return List.of("<|vision_end|>");
    }

    @Override
    public List<String> messageStarts() {
        return List.of("<|vision_start|>", "<|image_pad|>");
    }

    @Override
    public Optional<ThoughtTags> thoughts() {
        return Optional.of(new ThoughtTags("<<<", ">>>", "\n>>>\n"));
    }

    @Override
    public ReplyMarkup markup() {
        return new ReplyMarkup(
                List.of(
                        new Tag(Tag.Kind.THOUGHT_BEGIN, "<<<"),
                        new Tag(Tag.Kind.THOUGHT_END, ">>>"),
                        new Tag(Tag.Kind.CALL_BEGIN, CALL),
                        new Tag(Tag.Kind.CALL_END, CALL_END)),
                (opening, inThought, tools) -> new ToyCallParser());
    }

    @Override
    public Optional<ImageTags> images() {
        return Optional.empty();
    }

    @Override
    public Optional<CallSyntax> calls() {
        return Optional.of(new CallSyntax(
                CALL, "{\"name\": \"", "\", \"arguments\": ", new CallSyntax.Json(), "}", CALL_END, " "));
    }

    @Override
    public Map<String, Object> thinking(boolean on) {
        return Map.of("effort", on ? "high" : "none");
    }

    @Override
    public String toolRole() {
        return "observation";
    }

    @Override
    public Optional<Sampling> recommended(SamplingPreset preset, long parameters) {
        return Optional.of(Sampling.defaults().temperature(0.25).topK(parameters > 1_000 ? 5 : 6));
    }

    @Override
    public Optional<Sampling> defaultSampling(boolean thinking, long parameters) {
        return recommended(SamplingPreset.THINKING, parameters);
    }

    @Override
    public boolean tendsToRepeat(long parameters) {
        return false;
    }
}
