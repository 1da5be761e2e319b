package kawi.scripted;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import kawi.LogitsProcessor;
import kawi.Model;
import kawi.Tokenizer;

/** Excludes all tokens but the next one of the script's answer. */
final class ForcedAnswer implements LogitsProcessor {

    private static final String THOUGHT_BEGIN = "<think>";
    private static final String THOUGHT_END = "</think>";

    private final Tokenizer tokenizer;
    private final int endToken;
    private final UnaryOperator<String> script;
    private final Map<List<Integer>, int[]> answers = new ConcurrentHashMap<>();

    ForcedAnswer(Model model, UnaryOperator<String> script) {
        this.tokenizer = model.tokenizer().orElseThrow();
        this.endToken = model.endTokens().iterator().next();
        this.script = script;
    }

    @Override
    public void process(Tokens tokens, float[] logits) {
        List<Integer> prompt =
                IntStream.range(0, tokens.promptLength()).mapToObj(tokens::get).toList();
        int[] answer = answers.computeIfAbsent(prompt, this::answer);
        int next = tokens.length() - tokens.promptLength();
        int token = next < answer.length ? answer[next] : endToken;
        float logit = logits[token];
        Arrays.fill(logits, Float.NEGATIVE_INFINITY);
        logits[token] = logit;
    }

    private int[] answer(List<Integer> prompt) {
        String text =
                tokenizer.decode(prompt.stream().mapToInt(Integer::intValue).toArray(), false);
        String answer = script.apply(text);
        boolean thinking = text.stripTrailing().endsWith(THOUGHT_BEGIN);
        return tokenizer.encodeWithSpecials(
                thinking && !answer.contains(THOUGHT_END) ? "\n" + THOUGHT_END + "\n\n" + answer : answer);
    }
}
