package kawi.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import kawi.Cancellation;
import kawi.Model;
import kawi.Sequence;
import kawi.Tokenizer;

/**
 * Multiple-choice questions. A model chooses the continuation of the question with the largest log-probability per byte
 * in UTF-8.
 *
 * @param name the name of their file
 */
record Questions(String name, List<Question> questions) {

    /**
     * A question.
     *
     * @param answer the index of the right choice
     */
    record Question(String text, List<String> choices, int answer) {}

    /**
     * How many of the answers were right.
     *
     * @param total the number of questions, at least one
     */
    record Result(int right, int total) {

        /** The quantile of the normal distribution for an interval of 95 %. */
        private static final double Z = 1.959964;

        double share() {
            return (double) right / total;
        }

        /** Returns the lower bound of Wilson's interval of the share, of 95 %. */
        double lower() {
            return bound(-1);
        }

        /** Returns its upper bound. */
        double upper() {
            return bound(1);
        }

        private double bound(int sign) {
            double z2 = Z * Z / total;
            double middle = share() + z2 / 2;
            double width = Math.sqrt(z2 * (share() * (1 - share()) + z2 / 4));
            return Math.clamp((middle + sign * width) / (1 + z2), 0, 1);
        }

        /** Returns -ln of the share of wrong answers per gigabyte of weights; infinite if there are none. */
        double perGigabyte(long weights) {
            return -Math.log(1 - share()) / (weights * 1e-9);
        }
    }

    /**
     * Reads a file with one JSON object on each line: {@code {"question": "2 + 2 =", "choices": [" 4", " 5"], "answer":
     * 0}}.
     *
     * @throws IllegalArgumentException if a line is something else
     */
    static Questions read(Path file) throws IOException {
        String name = file.toString();
        List<Question> questions = new ArrayList<>();
        int number = 0;
        for (String line : Terminal.decode(Files.readAllBytes(file), name).split("\\R", -1)) {
            number++;
            if (!line.isBlank()) {
                questions.add(question(line, "line %d of %s".formatted(number, name)));
            }
        }
        if (questions.isEmpty()) {
            throw new IllegalArgumentException("%s has no questions".formatted(name));
        }
        return new Questions(name, questions);
    }

    private static Question question(String line, String place) {
        if (Json.read(line, place) instanceof Map<?, ?> object
                && object.get("question") instanceof String text
                && object.get("choices") instanceof List<?> list
                && object.get("answer") instanceof Number answer) {
            List<String> choices = new ArrayList<>();
            for (Object choice : list) {
                if (choice instanceof String string && !string.isEmpty()) {
                    choices.add(string);
                }
            }
            boolean known = answer.doubleValue() == answer.intValue()
                    && answer.intValue() >= 0
                    && answer.intValue() < choices.size();
            if (!text.isEmpty() && choices.size() == list.size() && choices.size() > 1 && known) {
                return new Question(text, choices, answer.intValue());
            }
        }
        throw new IllegalArgumentException(
                ("%s is not a question: expected a JSON object with a \"question\", two or more \"choices\", which are "
                                + "texts, and as \"answer\" the index of the right one")
                        .formatted(place));
    }

    /**
     * Asks a model.
     *
     * @throws CancellationException if it is cancelled
     */
    Result ask(Model model, Terminal terminal, Cancellation cancellation) {
        int right = 0;
        for (int i = 0; i < questions.size(); i++) {
            if (cancellation.isCancelled()) {
                throw new CancellationException("interrupted");
            }
            terminal.status("%s: question %d of %d, %d right".formatted(model.name(), i + 1, questions.size(), right));
            right += choice(model, questions.get(i)) == questions.get(i).answer ? 1 : 0;
        }
        return new Result(right, questions.size());
    }

    private static int choice(Model model, Question question) {
        Tokenizer tokenizer = model.tokenizer().orElseThrow();
        double best = Double.NEGATIVE_INFINITY;
        int chosen = 0;
        try (Sequence beginning = model.newSequence()) {
            beginning.append(tokenizer.encode(question.text));
            float[] first = beginning.logits();
            for (int i = 0; i < question.choices.size(); i++) {
                String choice = question.choices.get(i);
                double each = logarithm(beginning, first, tokenizer.encode(choice))
                        / choice.getBytes(StandardCharsets.UTF_8).length;
                if (each > best) {
                    best = each;
                    chosen = i;
                }
            }
        }
        return chosen;
    }

    /** Returns the log-probability of tokens that follow a sequence, whose logits are {@code first}. */
    private static double logarithm(Sequence beginning, float[] first, int[] tokens) {
        try (Score score = new Score(tokens.length, first.length, null);
                Sequence sequence = beginning.fork()) {
            score.add(first, tokens[0]);
            sequence.append(tokens, (position, logits) -> {
                int next = position - beginning.length() + 1;
                if (next < tokens.length) {
                    score.add(logits, tokens[next]);
                }
            });
            return -score.nats();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
