package kawi.quantize;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The place of a matrix in a model, by its name in GGUF files.
 *
 * @param kind the name without block and suffix: {@code ffn_down}, {@code token_embd}
 * @param block the number of its block, or -1 if it is in none
 */
record TensorRole(String kind, int block) {

    private static final Pattern NAME = Pattern.compile("(?:blk\\.(\\d{1,6})\\.)?(.+?)(?:\\.weight)?");

    static TensorRole of(String name) {
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches()) {
            return new TensorRole(name, -1);
        }
        return new TensorRole(matcher.group(2), matcher.group(1) == null ? -1 : Integer.parseInt(matcher.group(1)));
    }

    /** Whether the matrix may be in any format: its rows are multiplied, not added or convolved. */
    boolean isProduct() {
        return !kind.contains("norm") && !kind.contains("conv1d");
    }
}
