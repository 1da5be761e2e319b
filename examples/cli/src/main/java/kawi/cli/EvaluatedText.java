package kawi.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import kawi.Evaluation;
import kawi.Model;
import kawi.Perplexity;
import kawi.Tokenizer;

/**
 * A text whose prediction is measured.
 *
 * @param name the name of its file, or {@code standard input}
 * @param bytes its content in UTF-8
 * @param text its content
 * @param parseSpecial whether added tokens such as {@code <|im_start|>} are recognized in it
 */
record EvaluatedText(String name, byte[] bytes, String text, boolean parseSpecial) {

    static final String STANDARD_INPUT = "-";

    /** Reads a file; {@code -} is standard input. */
    static EvaluatedText read(Path file, boolean parseSpecial, Terminal terminal) throws IOException {
        boolean input = file.toString().equals(STANDARD_INPUT);
        byte[] bytes = input ? terminal.in().readAllBytes() : Files.readAllBytes(file);
        String name = input ? "standard input" : file.toString();
        return new EvaluatedText(name, bytes, Terminal.decode(bytes, name), parseSpecial);
    }

    /** Returns the tokens of the text as the model's tokenizer reads it. */
    int[] tokens(Model model) {
        Tokenizer tokenizer = model.tokenizer()
                .orElseThrow(() -> new IllegalStateException(
                        "%s has no tokenizer, which is needed to evaluate a text".formatted(model.name())));
        return parseSpecial ? tokenizer.encodeWithSpecials(text) : tokenizer.encode(text);
    }

    /** Evaluates the text. */
    Perplexity perplexity(Model model, Evaluation evaluation) {
        return parseSpecial ? evaluation.perplexity(tokens(model)) : evaluation.perplexity(text);
    }
}
