package kawi.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import kawi.FinishReason;
import kawi.GenerationStats;
import kawi.ImageStats;
import kawi.ImageUse;
import kawi.Reply;
import kawi.ToolResult;

/** Statistics of an answer, as text and as JSON. */
final class AnswerReport {

    private AnswerReport() {}

    /**
     * Returns the statistics on one line.
     *
     * @param prepared seconds from the start of the program until the prompt was passed to the model
     */
    static String line(Reply answer, double prepared) {
        return line(answer, OptionalDouble.of(prepared));
    }

    private static String line(Reply answer, OptionalDouble prepared) {
        GenerationStats stats = answer.stats();
        String line = "%d prompt tokens, %d generated, %.1f tokens/s, first token after %.2f s"
                .formatted(
                        stats.promptTokens(),
                        stats.generatedTokens(),
                        stats.tokensPerSecond(),
                        seconds(stats.firstToken()));
        if (prepared.isPresent()) {
            line += " (%.2f s after the start)".formatted(prepared.getAsDouble() + seconds(stats.firstToken()));
        }
        if (stats.guessedTokens() > 0) {
            line += ", %d of %d guesses accepted".formatted(stats.acceptedTokens(), stats.guessedTokens());
        }
        String ending = ending(answer.finishReason());
        return ending.isEmpty() ? line : line + ", " + ending;
    }

    /** Returns that messages were dropped because the context is full. */
    static String dropped(int messages, int tokens) {
        return "the context is full: the oldest %s, %d tokens, %s dropped"
                .formatted(messages == 1 ? "message" : messages + " messages", tokens, messages == 1 ? "was" : "were");
    }

    private static void putDropped(Map<String, Object> object, GenerationStats stats) {
        if (stats.droppedMessages() > 0) {
            object.put("dropped_messages", stats.droppedMessages());
            object.put("dropped_tokens", stats.droppedTokens());
        }
    }

    /** Returns a line for each image and film of the prompt, with the size in which the model saw it. */
    static List<String> imageLines(Reply answer) {
        ImageStats images = answer.stats().images();
        List<String> lines = new ArrayList<>();
        for (ImageUse use : images.uses()) {
            lines.add((use.frames() == 1 ? "image" : "film, %d frames".formatted(use.frames())) + ": " + line(use));
        }
        if (images.encoded() > 0) {
            lines.add("%d encoded in %.2f s%s"
                    .formatted(
                            images.encoded(),
                            seconds(images.encode()),
                            images.cached() == 0 ? "" : ", %d cached".formatted(images.cached())));
        }
        return lines;
    }

    /** Returns the size of an image, that in which the model sees it, and its tokens. */
    static String line(ImageUse use) {
        return "%d x %d%s, %d tokens"
                .formatted(
                        use.width(),
                        use.height(),
                        use.resized() ? ", resized to %d x %d".formatted(use.usedWidth(), use.usedHeight()) : "",
                        use.tokens());
    }

    private static Map<String, Object> images(ImageStats images) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("encoded", images.encoded());
        object.put("cached", images.cached());
        object.put("encode_seconds", seconds(images.encode()));
        object.put("sizes", images.uses().stream().map(AnswerReport::size).toList());
        return object;
    }

    /** Returns the sizes of an image in JSON. */
    static Map<String, Object> size(ImageUse use) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("frames", use.frames());
        object.put("width", use.width());
        object.put("height", use.height());
        object.put("used_width", use.usedWidth());
        object.put("used_height", use.usedHeight());
        object.put("tokens", use.tokens());
        return object;
    }

    /** Returns how the answer ended; empty if it ended normally. */
    static String ending(FinishReason reason) {
        return switch (reason) {
            case END, STOP_STRING, TOOL_CALLS -> "";
            case MAX_TOKENS -> "stopped at the token limit (-n)";
            case LOOP -> "stopped because it repeated itself";
            case TOOL_LIMIT -> "stopped at the limit of tool calls";
            case CONTEXT_FULL -> "stopped because the context is full";
            case CANCELLED -> "interrupted";
        };
    }

    /** Returns an answer with all statistics. */
    static Map<String, Object> full(Reply answer, double prepared) {
        GenerationStats stats = answer.stats();
        Map<String, Object> usage = new LinkedHashMap<>();
        usage.put("prompt_tokens", stats.promptTokens());
        putDropped(usage, stats);
        usage.put("prefilled_tokens", stats.prefilledTokens());
        usage.put("reused_tokens", stats.reusedTokens());
        usage.put("generated_tokens", stats.generatedTokens());
        usage.put("thinking_tokens", stats.thinkingTokens());
        usage.put("guessed_tokens", stats.guessedTokens());
        usage.put("accepted_tokens", stats.acceptedTokens());
        usage.put("steps", stats.steps());
        Map<String, Object> timings = new LinkedHashMap<>();
        timings.put("prefill_seconds", seconds(stats.prefill()));
        timings.put("first_token_seconds", seconds(stats.firstToken()));
        timings.put("first_token_since_process_start_seconds", prepared + seconds(stats.firstToken()));
        timings.put("decode_seconds", seconds(stats.decode()));
        timings.put("tokens_per_second", stats.tokensPerSecond());
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("text", answer.text());
        object.put("thinking", answer.thinking());
        object.put("tokens", answer.tokens());
        object.put("finish_reason", name(answer.finishReason()));
        object.put("usage", usage);
        object.put("timings", timings);
        if (!stats.images().uses().isEmpty()) {
            object.put("images", images(stats.images()));
        }
        object.put("seed", answer.seed());
        return object;
    }

    /** Returns an answer in a conversation, as an object without nested statistics. */
    static Map<String, Object> brief(Reply answer) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("text", answer.text());
        object.put("thinking", answer.thinking());
        object.put("finish_reason", name(answer.finishReason()));
        object.put("prefilled_tokens", answer.stats().prefilledTokens());
        object.put("reused_tokens", answer.stats().reusedTokens());
        object.put("generated_tokens", answer.stats().generatedTokens());
        putDropped(object, answer.stats());
        if (!answer.tools().isEmpty()) {
            object.put(
                    "tool_calls",
                    answer.tools().stream().map(AnswerReport::toolCall).toList());
        }
        object.put("seed", answer.seed());
        return object;
    }

    private static Map<String, Object> toolCall(ToolResult result) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("name", result.call().name());
        object.put("arguments", Json.read(result.call().arguments(), "a tool's arguments"));
        object.put("result", result.text());
        return object;
    }

    /** Returns the lines of /stats. */
    static List<String> lines(Reply answer) {
        GenerationStats stats = answer.stats();
        List<String> lines = imageLines(answer);
        if (stats.droppedMessages() > 0) {
            lines.add(dropped(stats.droppedMessages(), stats.droppedTokens()));
        }
        lines.add(line(answer, OptionalDouble.empty()));
        lines.add("%d tokens processed in %.2f s, %d cached, %d thinking tokens, seed %d"
                .formatted(
                        stats.prefilledTokens(),
                        seconds(stats.prefill()),
                        stats.reusedTokens(),
                        stats.thinkingTokens(),
                        answer.seed()));
        return lines;
    }

    private static String name(FinishReason reason) {
        return reason.name().toLowerCase(Locale.ROOT);
    }

    /** Returns a duration in seconds. */
    static double seconds(Duration duration) {
        return duration.toNanos() * 1e-9;
    }
}
