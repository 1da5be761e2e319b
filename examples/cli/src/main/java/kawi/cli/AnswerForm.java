package kawi.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kawi.AnswerOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What form an answer must have; at most one of these. */
final class AnswerForm {

    @Option(
            names = "--schema",
            paramLabel = "FILE",
            description = "Answer with JSON that the JSON Schema in FILE allows.")
    private @Nullable Path schema;

    @Option(
            names = "--regex",
            paramLabel = "REGEX",
            description = "Answer with a text that the regular expression matches as a whole.")
    private @Nullable String regex;

    @Option(
            names = "--choice",
            paramLabel = "A,B,C",
            description = "Answer with one of these texts; \"\\,\" is a comma in one of them.")
    private @Nullable String choice;

    /**
     * What is to be answered, in this form.
     *
     * @throws UsageException if there can be no such answer
     */
    <S extends AnswerOptions<S>> S applyTo(S options) throws IOException {
        if (schema != null && schema.toString().equals("-")) {
            throw new UsageException("--schema takes a file; standard input is for the prompt");
        }
        String text = schema == null ? "" : Terminal.decode(Files.readAllBytes(schema), schema.toString());
        try {
            if (schema != null) {
                return options.jsonSchema(text);
            }
            if (regex != null) {
                return options.regex(regex);
            }
            return choice == null ? options : options.choice(split(choice).toArray(String[]::new));
        } catch (IllegalArgumentException e) {
            String option = schema != null ? schema.toString() : regex != null ? "--regex" : "--choice";
            throw new UsageException(option + ": " + Failure.sentence(e), e);
        }
    }

    /** The texts between commas. A backslash before a comma or a backslash makes it ordinary. */
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
