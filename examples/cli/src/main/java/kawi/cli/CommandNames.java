package kawi.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Recognizes mistyped commands and commands of other tools. Everything that does not begin with a command is a prompt,
 * so this needs care: only a single lower-case word can be a mistake, and only if it stands alone or is followed by
 * options and names of files and models, not by further words.
 */
final class CommandNames {

    /** What to use instead of commands of other tools. */
    private static final Map<String, String> FOREIGN = Map.ofEntries(
            Map.entry("server", "\"kawi serve\" serves a model"),
            Map.entry("start", "\"kawi serve\" serves a model, \"kawi chat\" starts a conversation"),
            Map.entry("ps", "there is no other process that has loaded models; \"kawi list\" lists downloaded ones"),
            Map.entry("stop", "a model is unloaded when the command ends"),
            Map.entry("unload", "a model is unloaded when the command ends"),
            Map.entry("signin", "use the variable HF_TOKEN to access private models"),
            Map.entry("login", "use the variable HF_TOKEN to access private models"),
            Map.entry("auth", "use the variable HF_TOKEN to access private models"),
            Map.entry("whoami", "use the variable HF_TOKEN to access private models"),
            Map.entry("download", "did you mean \"kawi pull\"?"),
            Map.entry("install", "did you mean \"kawi pull\"?"),
            Map.entry("fetch", "did you mean \"kawi pull\"?"),
            Map.entry("get", "did you mean \"kawi pull\"?"),
            Map.entry("add", "did you mean \"kawi pull\"?"),
            Map.entry("delete", "did you mean \"kawi remove\"?"),
            Map.entry("uninstall", "did you mean \"kawi remove\"?"),
            Map.entry("prune", "did you mean \"kawi remove\"?"),
            Map.entry("models", "did you mean \"kawi list\"?"),
            Map.entry("cache", "did you mean \"kawi list\"?"),
            Map.entry("scan-cache", "did you mean \"kawi list\"?"),
            Map.entry("info", "did you mean \"kawi inspect\"?"),
            Map.entry("metadata", "did you mean \"kawi inspect\"?"),
            Map.entry("generate", "did you mean \"kawi run\"?"),
            Map.entry("complete", "did you mean \"kawi run\"?"),
            Map.entry("prompt", "did you mean \"kawi run\"?"),
            Map.entry("ask", "did you mean \"kawi run\"?"),
            Map.entry("repl", "did you mean \"kawi chat\"?"),
            Map.entry("interactive", "did you mean \"kawi chat\"?"),
            Map.entry("cli", "did you mean \"kawi chat\"?"),
            Map.entry("benchmark", "did you mean \"kawi bench\"?"),
            Map.entry("perplexity", "did you mean \"kawi score\"?"),
            Map.entry("eval", "did you mean \"kawi score\"?"),
            Map.entry("detokenize", "did you mean \"kawi tokenize --decode\"?"),
            Map.entry("tokenizer", "did you mean \"kawi tokenize\"?"),
            Map.entry("env", "did you mean \"kawi doctor\"?"),
            Map.entry("version", "did you mean \"kawi --version\"?"),
            Map.entry("completions", "did you mean \"kawi completion\"?"),
            Map.entry("create", "Kawi does not create models; \"kawi --help\" lists the commands"),
            Map.entry("convert", "did you mean \"kawi quantize\"?"),
            Map.entry("push", "Kawi does not upload models; \"kawi --help\" lists the commands"),
            Map.entry("upload", "Kawi does not upload models; \"kawi --help\" lists the commands"),
            Map.entry("cp", "Kawi does not copy models; \"kawi pull\" prints the path of one"),
            Map.entry("embed", "Kawi does not compute embeddings; \"kawi --help\" lists the commands"));

    private CommandNames() {}

    /**
     * Returns the message if the beginning of a command line is a mistake rather than a prompt.
     *
     * @param first the first argument, which is not a command
     * @param rest the other arguments
     */
    static Optional<String> mistake(Collection<String> commands, String first, List<String> rest) {
        boolean alone = rest.stream().allMatch(CommandNames::isNoWord)
                || (rest.size() == 1 && (commands.contains(rest.getFirst()) || looksLikeName(rest.getFirst())));
        return alone ? mistake(commands, first) : Optional.empty();
    }

    /** Returns the message if a lone word is a mistake rather than a prompt. */
    static Optional<String> mistake(Collection<String> commands, String word) {
        if (!word.matches("[a-z]+(-[a-z]+)*")) {
            return Optional.empty();
        }
        String advice = FOREIGN.get(word);
        if (advice == null) {
            advice = nearest(commands, word)
                    .map("did you mean \"kawi %s\"?"::formatted)
                    .orElse(null);
        }
        return Optional.ofNullable(advice)
                .map(it ->
                        "\"%s\" is not a command: %s (\"kawi run %s\" uses it as a prompt)".formatted(word, it, word));
    }

    /** Returns whether an argument is an option or the name of a file or a model, rather than a word of a prompt. */
    private static boolean isNoWord(String argument) {
        return argument.startsWith("-") || argument.startsWith("hf:") || argument.matches("\\S*\\.(gguf|safetensors)");
    }

    private static boolean looksLikeName(String argument) {
        return argument.matches("\\S*[/:\\\\0-9]\\S*") && !argument.matches(".*[?!,;]");
    }

    /** Returns the command that a word may have been meant to be. */
    static Optional<String> nearest(Collection<String> commands, String word) {
        return commands.stream()
                .filter(command -> isNear(command, word))
                .min(Comparator.comparingInt(command -> distance(command, word)));
    }

    private static boolean isNear(String command, String word) {
        int distance = distance(command, word);
        boolean sameStart = command.charAt(0) == word.charAt(0);
        boolean swapped = word.length() > 1
                && command.length() > 1
                && command.charAt(0) == word.charAt(1)
                && command.charAt(1) == word.charAt(0);
        int limit = Math.max(1, Math.min(command.length(), word.length()) / 3);
        return (sameStart || swapped) && word.length() > 1 && distance <= limit;
    }

    /** The number of insertions, deletions, replacements and swaps of neighbours between two words. */
    private static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                boolean same = a.charAt(i - 1) == b.charAt(j - 1);
                d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + (same ? 0 : 1));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
