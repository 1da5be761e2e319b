package kawi.dialect;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import kawi.Sampling;
import kawi.SamplingPreset;
import kawi.constraint.CallSyntax;
import kawi.reply.ReplyMarkup;

/**
 * The dialect of models without a known dialect: a reply consists of text only, and ends with the tokens declared in
 * the model's files.
 */
final class PlainDialect implements Dialect {

    @Override
    public String name() {
        return "plain text";
    }

    @Override
    public Set<String> families() {
        return Set.of();
    }

    @Override
    public boolean matchesTemplate(String chatTemplate) {
        return false;
    }

    @Override
    public List<String> endTokens() {
        return List.of();
    }

    @Override
    public List<String> messageStarts() {
        return List.of();
    }

    @Override
    public Optional<ThoughtTags> thoughts() {
        return Optional.empty();
    }

    @Override
    public ReplyMarkup markup() {
        return ReplyMarkup.none();
    }

    @Override
    public Optional<ImageTags> images() {
        return Optional.empty();
    }

    @Override
    public Optional<CallSyntax> calls() {
        return Optional.empty();
    }

    @Override
    public Map<String, Object> thinking(boolean on) {
        return Map.of();
    }

    @Override
    public String toolRole() {
        return "tool";
    }

    @Override
    public Optional<Sampling> recommended(SamplingPreset preset, long parameters) {
        return Optional.empty();
    }

    @Override
    public Optional<Sampling> defaultSampling(boolean thinking, long parameters) {
        return Optional.empty();
    }

    @Override
    public boolean tendsToRepeat(long parameters) {
        return false;
    }
}
