package kawi.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kawi.AnswerOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that constrain the form of an answer, of which at most one can be used. */
final class AnswerForm {

    @Option(
            names = "--schema",
            paramLabel = "FILE",
            description = "Answer with JSON that conforms to the JSON Schema in FILE.")
    private @Nullable Path schema;

    @Option(
            names = "--regex",
            paramLabel = "REGEX",
            description = "Answer with text that matches the regular expression.")
    private @Nullable String regex;

    @Option(
            names = "--choice",
            paramLabel = "A,B,C",
            description = "Answer with one of these texts; \"\\,\" stands for a comma in a text.")
    private @Nullable String choice;

    /**
     * Returns options that constrain the answer.
     *
     * @throws UsageException if a regular expression or the choices are invalid
     * @throws IllegalArgumentException if the schema is invalid
     */
    <S extends AnswerOptions<S>> S applyTo(S options) throws IOException {
        if (schema != null && schema.toString().equals("-")) {
            throw new UsageException("--schema requires a file: standard input is part of the prompt");
        }
        if (schema != null) {
            return conforming(options, schema);
        }
        try {
            if (regex != null) {
                return options.regex(regex);
            }
            return choice == null ? options : options.choice(split(choice).toArray(String[]::new));
        } catch (IllegalArgumentException e) {
            String option = regex != null ? "--regex" : "--choice";
            throw new UsageException(option + ": " + Failure.sentence(e), e);
        }
    }

    private static <S extends AnswerOptions<S>> S conforming(S options, Path schema) throws IOException {
        String text = Terminal.decode(Files.readAllBytes(schema), schema.toString());
        var _ = Json.read(text, schema.toString());
        try {
            return options.jsonSchema(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("%s: %s".formatted(schema, Failure.sentence(e)), e);
        }
    }

    /** Splits texts at commas. A backslash escapes a comma or a backslash. */
    static List<String> split(String choices) {
        List<String> all = new ArrayList<>();
        StringBuilder one = new StringBuilder();
        for (int i = 0; i < choices.length(); i++) {
            char c = choices.charAt(i);
            if (c == '\\' && i + 1 < choices.length() && ",\\".indexOf(choices.charAt(i + 1)) >= 0) {
                one.append(choices.charAt(++i));
            } else if (c == ',') {
                all.add(one.toString());
                one.setLength(0);
            } else {
                one.append(c);
            }
        }
        all.add(one.toString());
        return all;
    }
}
