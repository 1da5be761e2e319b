package kawi.constraint;

import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The form of a whole answer, compiled: immutable, safe for use by several threads, and keeper of what has been worked
 * out for a vocabulary, so that the second answer of the same form is cheaper than the first.
 *
 * <p>It is a recursive transition network: one deterministic automaton over bytes for each rule, whose states may also
 * call rules. What is regular - literals, numbers, patterns, the keys of an object - is a plain automaton and costs a
 * table look-up per byte; what nests - values in arrays and objects, recursion - is calls and a stack. The states of
 * all rules are numbered together. [1] W. A. Woods, Transition network grammars for natural language analysis, CACM
 * 13(10), 1970.
 */
public final class Grammar {

    /** Stacks are no deeper: JSON parsers refuse text that is nested without bound. */
    static final int MAX_DEPTH = 100;

    private static final int MAX_VOCABULARIES = 4;

    private static final int TABLE_OVERHEAD = 1024;

    final int classes;
    final int states;
    final int start;

    /** {@code next[state * classes + class of the byte]}: the state after, or {@link Automaton#DEAD}. */
    final int[] next;

    final boolean[] accepts;

    /** First state of the rule called, and state after it, in turn. */
    final int[][] calls;

    /** For the states of rules that count. */
    final @Nullable Loop[] loops;

    final boolean[] points;

    /** Which states are the first of their rules. */
    final boolean[] firsts;

    /** For first states of rules that are one added token where the vocabulary has it. */
    final @Nullable String[] markers;

    private final byte[] classOf;

    private long tableBytes;

    /** For the vocabularies used last. */
    private final LinkedHashMap<TokenTrie, Masks> masks = new LinkedHashMap<>();

    Grammar(byte[] classOf, int classes, int states, int start) {
        this.classOf = classOf;
        this.classes = classes;
        this.states = states;
        this.start = start;
        next = new int[states * classes];
        accepts = new boolean[states];
        calls = new int[states][];
        loops = new Loop[states];
        points = new boolean[states];
        firsts = new boolean[states];
        markers = new String[states];
    }

    /**
     * Answers that are JSON and valid by a schema; {@link SchemaCompiler} says what of JSON Schema there is and what
     * of it is written.
     *
     * @throws GrammarException if {@code schemaText} is not JSON, contradicts itself or asks for something unsupported
     */
    public static Grammar jsonSchema(String schemaText) {
        return Budget.run(() -> SchemaCompiler.compile(schemaText));
    }

    /** Answers that are any JSON value, of {@link JsonRules#anyValue}. */
    public static Grammar json() {
        var rules = new Rules();
        return rules.grammar(new JsonRules(rules).anyValue());
    }

    /**
     * Answers that match {@code regex} from end to end.
     *
     * @throws GrammarException if it is not a regular expression, or uses what {@link RegexParser} does not support
     */
    public static Grammar regex(String regex) {
        try {
            return Budget.run(() -> {
                var rules = new Rules();
                return rules.grammar(rules.add(RegexParser.whole(regex)));
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
     * @param several whether more than one call may be made
     * @throws GrammarException if there are no tools, two share a name, or the parameters of one are no schema of an
     *     object
     */
    public static Grammar toolCalls(CallSyntax syntax, List<ToolSignature> tools, boolean several) {
        return Budget.run(() -> ToolCallGrammar.compile(syntax, tools, several));
    }

    /** The bytes of memory that this takes, with what has been worked out for vocabularies so far. */
    public long bytes() {
        synchronized (masks) {
            return tableBytes + masks.values().stream().mapToLong(Masks::bytes).sum();
        }
    }

    /** What is known about this grammar over a vocabulary. */
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

    private long measured() {
        long bytes = TABLE_OVERHEAD + 4L * next.length + 48L * states;
        for (int[] targets : calls) {
            bytes += 4L * targets.length;
        }
        return bytes;
    }

    /** That some answer exists, and that no rule calls itself before it has written anything. */
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
            throw new GrammarException("a part refers to itself before it has begun, and so says nothing");
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
