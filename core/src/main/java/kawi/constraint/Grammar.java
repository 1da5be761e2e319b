package kawi.constraint;

import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The form of a whole answer, compiled. A grammar is immutable and safe for use by multiple threads. It caches results
 * for the most recent vocabularies, so further answers of the same form cost less than the first.
 *
 * <p>A grammar is a recursive transition network: one deterministic automaton over bytes for each rule, whose states
 * may also call rules. Regular parts (literals, numbers, patterns, the keys of an object) are plain automata and cost a
 * table look-up per byte; nested parts (values in arrays and objects, recursion) are calls and use a stack. The states
 * of all rules are numbered consecutively. [1] W. A. Woods, Transition network grammars for natural language analysis,
 * CACM 15(10), 1970.
 */
public final class Grammar {

    /** The maximum stack depth; JSON parsers limit the nesting of their input. */
    static final int MAX_DEPTH = 100;

    /** In place of a byte: a class has several. */
    static final int SEVERAL = -1;

    private static final int MAX_VOCABULARIES = 4;

    private static final int TABLE_OVERHEAD = 1024;

    final int classes;
    final int states;
    final int start;

    /** {@code next[state * classes + class of the byte]}: the next state, or {@link Automaton#DEAD}. */
    final int[] next;

    final boolean[] accepts;

    /** Pairs of the initial state of the called rule and the state after the call. */
    final int[][] calls;

    /** For the states of rules that count. */
    final @Nullable Loop[] loops;

    final boolean[] points;

    /** For the states of rules that count their characters. */
    final @Nullable Lengths[] lengths;

    /** For the states of these rules, the bytes or letters that are missing from the current character. */
    final byte[] missing;

    /** The initial states of rules. */
    final boolean[] firsts;

    /** For initial states of rules that are one added token if the vocabulary has it. */
    final @Nullable String[] markers;

    private final byte[] classOf;

    /** The only byte of each class, or {@link #SEVERAL}. */
    private final short[] onlyByte;

    private long tableBytes;

    /** Caches for the most recently used vocabularies. */
    private final LinkedHashMap<TokenTrie, Masks> masks = new LinkedHashMap<>();

    Grammar(byte[] classOf, int classes, int states, int start) {
        this.classOf = classOf;
        onlyByte = onlyBytes(classOf, classes);
        this.classes = classes;
        this.states = states;
        this.start = start;
        next = new int[states * classes];
        accepts = new boolean[states];
        calls = new int[states][];
        loops = new Loop[states];
        points = new boolean[states];
        lengths = new Lengths[states];
        missing = new byte[states];
        firsts = new boolean[states];
        markers = new String[states];
    }

    /**
     * Answers that are JSON and valid against a schema; {@link SchemaCompiler} describes the supported part of JSON
     * Schema and the form of the values.
     *
     * @throws GrammarException if {@code schemaText} is not JSON, is contradictory, or uses an unsupported feature
     */
    public static Grammar jsonSchema(String schemaText) {
        return Budget.run(() -> SchemaCompiler.compile(schemaText));
    }

    /** Answers that are any JSON value; see {@link JsonRules#anyValue}. */
    public static Grammar json() {
        var rules = new Rules();
        return rules.grammar(new JsonRules(rules).anyValue());
    }

    /**
     * Answers that match {@code regex} as a whole.
     *
     * @throws GrammarException if it is not a regular expression, or {@link kawi.regex} does not support it
     */
    public static Grammar regex(String regex) {
        try {
            return Budget.run(() -> {
                var rules = new Rules();
                Integer texts =
                        TextLanguage.of(PatternLanguage.matching(regex), false).rule(rules, "", "");
                if (texts == null) {
                    throw new GrammarException("no text matches it");
                }
                return rules.grammar(texts);
            });
        } catch (GrammarException e) {
            throw e.getMessage().startsWith("pattern")
                    ? e
                    : new GrammarException(
                            "pattern %s: %s".formatted(GrammarException.quote(regex), e.getMessage()), e);
        }
    }

    /**
     * Answers that are one of {@code choices}.
     *
     * @throws GrammarException if there are none, or too many
     */
    public static Grammar choice(List<String> choices) {
        if (choices.isEmpty()) {
            throw new GrammarException("there is nothing to choose from: the list of choices is empty");
        }
        return Budget.run(() -> {
            var rules = new Rules();
            return rules.grammar(rules.add(
                    new Expression.Choice(choices.stream().map(Expression::text).toList())));
        });
    }

    /**
     * Answers that are calls of {@code tools} and nothing else.
     *
     * @param syntax how calls are written
     * @param several whether multiple calls are allowed
     * @throws GrammarException if there are no tools, two have the same name, or the parameters of one are not the
     *     schema of an object
     */
    public static Grammar toolCalls(CallSyntax syntax, List<ToolSignature> tools, boolean several) {
        return Budget.run(() -> ToolCallGrammar.compile(syntax, tools, several));
    }

    /** The number of bytes of memory, including the caches for vocabularies. */
    public long bytes() {
        synchronized (masks) {
            return tableBytes + masks.values().stream().mapToLong(Masks::bytes).sum();
        }
    }

    /** The cache for this grammar and a vocabulary. */
    Masks over(TokenTrie trie) {
        synchronized (masks) {
            Masks known = masks.remove(trie);
            if (known == null) {
                known = new Masks(this, trie);
            }
            masks.putLast(trie, known);
            while (masks.size() > MAX_VOCABULARIES) {
                masks.pollFirstEntry();
            }
            return known;
        }
    }

    int classOf(int b) {
        return classOf[b] & 0xFF;
    }

    /** The only byte of a class, or {@link #SEVERAL}. */
    int onlyByte(int byteClass) {
        return onlyByte[byteClass];
    }

    private static short[] onlyBytes(byte[] classOf, int classes) {
        short[] only = new short[classes];
        boolean[] known = new boolean[classes];
        for (int b = 0; b < classOf.length; b++) {
            int byteClass = classOf[b] & 0xFF;
            only[byteClass] = (short) (known[byteClass] ? SEVERAL : b);
            known[byteClass] = true;
        }
        return only;
    }

    private long measured() {
        long bytes = TABLE_OVERHEAD + 4L * next.length + 48L * states;
        for (int[] targets : calls) {
            bytes += 4L * targets.length;
        }
        return bytes;
    }

    /** Checks that an answer exists and that no rule calls itself without consuming a byte. */
    void check() {
        tableBytes = measured();
        int[] mark = new int[states];
        for (int s = 0; s < states; s++) {
            checkDescent(s, mark, 0);
        }
        if (new Distances(this).cost(start, 0) >= Distances.NEVER) {
            throw new GrammarException(
                    "no finite answer can satisfy this: each would have to contain another of its kind,"
                            + " or endlessly many parts");
        }
    }

    private void checkDescent(int state, int[] mark, int depth) {
        if (mark[state] == 2) {
            return;
        }
        if (mark[state] == 1) {
            throw new GrammarException("a part refers to itself without consuming any text");
        }
        if (depth > 1000) {
            throw new GrammarException("too deep: more than 1000 parts begin with one another");
        }
        mark[state] = 1;
        int[] targets = calls[state];
        for (int i = 0; i < targets.length; i += 2) {
            checkDescent(targets[i], mark, depth + 1);
            if (accepts[targets[i]]) {
                checkDescent(targets[i + 1], mark, depth + 1);
            }
        }
        mark[state] = 2;
    }
}
