package kawi.spark;

import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import kawi.Prompt;
import org.jspecify.annotations.Nullable;

/**
 * What to ask a model about each row of a data set, and how to return the answers. Immutable: each method returns a new
 * object.
 *
 * {@snippet :
 *    record Review(boolean positive, List<String> topics) {}
 *    Answers reviews = Answers.of("hf:Qwen/Qwen3.5-0.8B")
 *            .system("You read product reviews.")
 *            .prompt("Title: {title}\n\n{text}")
 *            .key("review_id")
 *            .as(Review.class)
 *            .into("review");
 * }
 *
 * <p>The answer of a row depends on the model, these settings and the text of the row's key, and on nothing else:
 * partitions, order, executors and retries make no difference. The seed of a row is the first eight bytes, in
 * big-endian order, of the SHA-256 digest of the {@linkplain #seed(long) seed} as eight bytes in big-endian order,
 * followed for each key column by the length of its text in UTF-8 as four bytes in big-endian order and that text.
 *
 * @param source the model
 * @param system the template of the system message, or null
 * @param prompt the template of the prompt
 * @param key the columns that identify a row; if there are none, system message and prompt do
 * @param seed the seed of the data set
 * @param maxTokens the limit of the length of an answer
 * @param options other options of each prompt
 * @param type the Java type of the answers, or null for text
 * @param column the name of the column for the answer, and the beginning of the names of the others
 * @param window how many rows a task has in progress at once
 * @param failing whether a row without an answer fails the job
 */
public record Answers(
        ModelSource source,
        @Nullable String system,
        String prompt,
        List<String> key,
        long seed,
        int maxTokens,
        PromptOptions options,
        @Nullable Class<?> type,
        String column,
        int window,
        boolean failing)
        implements Serializable {

    private static final int DEFAULT_WINDOW = 16;

    public Answers {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(prompt, "prompt");
        Objects.requireNonNull(options, "options");
        key = List.copyOf(key);
        if (maxTokens < 1) {
            throw new IllegalArgumentException("maxTokens must be positive, and is " + maxTokens);
        }
        if (window < 1) {
            throw new IllegalArgumentException("window must be positive, and is " + window);
        }
        if (column.isBlank()) {
            throw new IllegalArgumentException("the column of the answers has no name");
        }
    }

    /** Returns the default settings for a model file, a folder or a model on a hub, see {@link ModelSource#of}. */
    public static Answers of(String model) {
        return of(ModelSource.of(model));
    }

    /** Returns the default settings: the prompt is the text of the column {@code prompt}. */
    public static Answers of(ModelSource source) {
        return new Answers(
                source,
                null,
                "{prompt}",
                List.of(),
                0,
                Prompt.DEFAULT_MAX_TOKENS,
                prompt -> prompt,
                null,
                "answer",
                DEFAULT_WINDOW,
                false);
    }

    /**
     * Sets the system message.
     *
     * @param template a template as that of {@link #prompt(String)}
     */
    public Answers system(String template) {
        Objects.requireNonNull(template, "template");
        return new Answers(source, template, prompt, key, seed, maxTokens, options, type, column, window, failing);
    }

    /**
     * Sets the prompt.
     *
     * @param template text with names of columns in braces, for which the values of the row are inserted; a brace in the
     *     text is written twice
     */
    public Answers prompt(String template) {
        return new Answers(source, system, template, key, seed, maxTokens, options, type, column, window, failing);
    }

    /** Sets the columns that identify a row. They are of strings, integers, decimals, booleans or dates. */
    public Answers key(String... columns) {
        return new Answers(
                source, system, prompt, List.of(columns), seed, maxTokens, options, type, column, window, failing);
    }

    /** Sets the seed of the data set, from which those of the rows are derived; 0 by default. */
    public Answers seed(long value) {
        return new Answers(source, system, prompt, key, value, maxTokens, options, type, column, window, failing);
    }

    /** Limits the length of each answer; see {@link kawi.AnswerOptions#maxTokens}. */
    public Answers maxTokens(int tokens) {
        return new Answers(source, system, prompt, key, seed, tokens, options, type, column, window, failing);
    }

    /** Sets other options of each prompt. A seed and a cancellation set there have no effect. */
    public Answers options(PromptOptions operator) {
        return new Answers(source, system, prompt, key, seed, maxTokens, operator, type, column, window, failing);
    }

    /**
     * Returns the answers as values of a Java type, see {@link Prompt#as(Class)}: a record as a struct, an enum as a
     * string, lists, sets and arrays as arrays, maps as maps. Sealed and recursive types have no form as columns.
     */
    public Answers as(Class<?> answerType) {
        Objects.requireNonNull(answerType, "answerType");
        return new Answers(source, system, prompt, key, seed, maxTokens, options, answerType, column, window, failing);
    }

    /** Sets the name of the column for the answers, {@code answer} by default; see {@link KawiSpark#answers}. */
    public Answers into(String name) {
        return new Answers(source, system, prompt, key, seed, maxTokens, options, type, name, window, failing);
    }

    /**
     * Sets how many rows each task has in progress at once; 16 by default. The model computes the answers of all tasks
     * of a JVM together.
     */
    public Answers window(int rows) {
        return new Answers(source, system, prompt, key, seed, maxTokens, options, type, column, rows, failing);
    }

    /** Fails the job if a row has no answer. By default, the row says why in the column for errors. */
    public Answers failOnError() {
        return new Answers(source, system, prompt, key, seed, maxTokens, options, type, column, window, true);
    }
}
