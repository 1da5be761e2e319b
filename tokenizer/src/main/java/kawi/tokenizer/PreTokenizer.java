package kawi.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;

/**
 * The rules for splitting text into pieces before merging. No token extends over more than one piece.
 *
 * @param steps the steps; each one splits the pieces of the one before
 * @param spelled whether the last step passes on pieces in the characters of {@link ByteAlphabet} instead of text
 */
record PreTokenizer(List<SplitStep> steps, boolean spelled) {

    /** The name of rules that no GGUF file can have. */
    static final String CUSTOM = "custom";

    PreTokenizer {
        steps = List.copyOf(steps);
    }

    /** Splits by an expression, each match of which is a piece. */
    static PreTokenizer of(Expression expression, boolean prefixSpace) {
        return new PreTokenizer(
                List.of(
                        new SplitStep.AtMatches(expression, SplitStep.Behavior.ISOLATED, false),
                        new SplitStep.ByteLevel(prefixSpace, false, false)),
                false);
    }

    /** Returns a consumer of text that splits it and passes the bytes of all pieces to {@code pieces}. */
    Consumer<String> splitter(Consumer<byte[]> pieces) {
        Consumer<String> last = spelled
                ? piece -> {
                    var bytes = new byte[piece.length()];
                    if (!ByteAlphabet.decode(piece, 0, piece.length(), bytes, 0)) {
                        throw new IllegalStateException("a piece is not spelled in the byte alphabet");
                    }
                    pieces.accept(bytes);
                }
                : piece -> pieces.accept(piece.getBytes(StandardCharsets.UTF_8));
        for (SplitStep step : steps.reversed()) {
            Consumer<String> next = last;
            last = piece -> step.split(piece, next);
        }
        return last;
    }

    /** The name, as in GGUF files, or {@link #CUSTOM}. */
    String name() {
        for (PreTokenizerFamily family : PreTokenizerFamily.ALL) {
            if (family.preTokenizer().equals(this)) {
                return family.names().getFirst();
            }
        }
        return CUSTOM;
    }
}
