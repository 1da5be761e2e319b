package kawi.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kawi.LogitsProcessor;
import kawi.Model;

/** What a model says when it says what a test wants: one text for each round, each ended by an end token. */
final class Script implements LogitsProcessor {

    private final List<int[]> rounds = new ArrayList<>();
    private int round = -1;

    Script(Model model, String... texts) {
        this("<|im_end|>", model, texts);
    }

    /** @param end the text of a token that ends an answer */
    Script(String end, Model model, String... texts) {
        kawi.Tokenizer tokenizer = model.tokenizer().orElseThrow();
        for (String text : texts) {
            rounds.add(tokenizer.encodeWithSpecials(text + end));
        }
    }

    @Override
    public void process(Tokens tokens, float[] logits) {
        int at = tokens.length() - tokens.promptLength();
        if (at == 0) {
            round++;
        }
        int wanted = rounds.get(round)[at];
        Arrays.fill(logits, Float.NEGATIVE_INFINITY);
        logits[wanted] = 0;
    }

    /** Rounds that have begun. */
    int rounds() {
        return round + 1;
    }
}
