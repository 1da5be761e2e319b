package kawi.constraint;

import java.util.Arrays;

/**
 * Guesses the tokens of the text that a form requires next: keys, punctuation, and the rest of a constant once its
 * beginning tells it apart.
 *
 * <p>A byte is forced at a {@link Configuration} if its positions have no other transition. That is a property of the
 * states, so that neither a mask nor the configurations after other bytes are computed, except where there are so few
 * that a count may exclude all but one. Forced bytes are followed to the first choice and divided into the longest
 * tokens of the vocabulary. The tokens are a guess even where the text is certain, because a mask also allows shorter
 * tokens.
 *
 * <p>The last token is open if longer tokens begin with it and with what may follow: the text may not be divided there.
 *
 * <p>An optional space, as after the commas of JSON, is a choice that the caller makes.
 *
 * <p>An instance holds buffers only, and is not safe for use by multiple threads.
 */
public final class ForcedText {

    /** The maximum number of bytes that are followed. */
    private static final int MAX_BYTES = 128;

    /** Up to this number of transitions, each is tried, because a count may exclude it. */
    private static final int MAX_STEPS = 4;

    private static final int NOTHING = -1;

    /** Added to a result that is stored in a {@link Configuration}, where 0 means that there is none. */
    private static final int STORED = 2;

    /** Added to a byte: an optional space may precede it. */
    private static final int AFTER_SPACE = 0x100;

    /** An optional space, followed by a choice. */
    private static final int SPACE_ONLY = 0x200;

    private final byte[] bytes = new byte[MAX_BYTES];
    private final boolean[] live = new boolean[Automaton.BYTES];
    private final boolean[] liveAfterSpace = new boolean[Automaton.BYTES];
    private boolean open;

    /** Whether the last token of the last guess is open. */
    public boolean isOpen() {
        return open;
    }

    /** Stores at most {@code max} tokens that must follow {@code from} in {@code out} and returns their number. */
    int tokens(Masks masks, Configuration from, int[] out, int max, boolean spaced) {
        Machine machine = masks.machine;
        int length = 0;
        Configuration at = from;
        while (length < MAX_BYTES) {
            int forced = forced(machine, at);
            int next = forced == NOTHING || (forced == SPACE_ONLY && !spaced)
                    ? NOTHING
                    : forced >= AFTER_SPACE && spaced ? ' ' : forced & 0xFF;
            if (next == NOTHING) {
                break;
            }
            Configuration to = machine.step(at, machine.grammar.classOf(next));
            if (to.isDead()) {
                break;
            }
            bytes[length++] = (byte) next;
            at = to;
        }
        return divide(masks, length, at, out, max);
    }

    /** Whether a token has a space where one is optional; {@code otherwise} if there is no such place in it. */
    boolean isSpaced(Masks masks, Configuration from, int token, boolean otherwise) {
        boolean spaced = otherwise;
        Configuration at = from;
        for (int i = 0; i < masks.trie.length(token) && !at.isDead(); i++) {
            int next = masks.trie.byteAt(token, i);
            if (forced(masks.machine, at) >= AFTER_SPACE) {
                spaced = next == ' ';
            }
            at = masks.machine.step(at, masks.machine.grammar.classOf(next));
        }
        return spaced;
    }

    private int divide(Masks masks, int length, Configuration end, int[] out, int max) {
        TokenTrie trie = masks.trie;
        open = false;
        int count = 0;
        for (int from = 0; from < length && count < max; ) {
            int node = TokenTrie.ROOT;
            int token = TokenTrie.NONE;
            int to = from;
            for (int i = from; i < length && node != TokenTrie.NONE; i++) {
                node = trie.child(node, bytes[i] & 0xFF);
                if (node != TokenTrie.NONE && trie.token(node) != TokenTrie.NONE) {
                    token = trie.token(node);
                    to = i + 1;
                }
            }
            if (token == TokenTrie.NONE) {
                break;
            }
            out[count++] = token;
            from = to;
            if (node != TokenTrie.NONE && mayContinue(masks, node, end, length)) {
                open = true;
                break;
            }
        }
        return count;
    }

    /** Whether a token that begins with the path to {@code node} may continue with what follows at {@code end}. */
    private boolean mayContinue(Masks masks, int node, Configuration end, int length) {
        TokenTrie trie = masks.trie;
        if (length == MAX_BYTES) {
            return trie.ends[node] > node + 1;
        }
        Machine machine = masks.machine;
        for (int child = node + 1; child < trie.ends[node]; child = trie.ends[child]) {
            if (!machine.step(end, machine.grammar.classOf(trie.labels[child] & 0xFF))
                    .isDead()) {
                return true;
            }
        }
        return false;
    }

    /** A byte, perhaps with {@link #AFTER_SPACE}, or {@link #SPACE_ONLY} or {@link #NOTHING}. */
    private int forced(Machine machine, Configuration at) {
        if (at.forced == 0) {
            at.forced = find(machine, at) + STORED;
        }
        return at.forced - STORED;
    }

    private int find(Machine machine, Configuration at) {
        int count = at.complete ? 0 : machine.live(at, live);
        if (count <= MAX_STEPS) {
            count = possible(machine, at, count);
        }
        int space = machine.grammar.classOf(' ');
        if (count == 1) {
            return onlyByte(machine.grammar, live);
        }
        if (count == 0 || !live[space] || machine.grammar.onlyByte(space) == Grammar.SEVERAL) {
            return NOTHING;
        }
        Configuration after = machine.step(at, space);
        if (after.isDead() || after.complete) {
            return NOTHING;
        }
        machine.live(after, liveAfterSpace);
        live[space] = false;
        if (!Arrays.equals(live, liveAfterSpace)) {
            return NOTHING;
        }
        int other = count == 2 ? onlyByte(machine.grammar, live) : NOTHING;
        return other == NOTHING ? SPACE_ONLY : other + AFTER_SPACE;
    }

    /** Removes the classes whose transitions are excluded by a count, and returns the number of those that remain. */
    private int possible(Machine machine, Configuration at, int count) {
        int remaining = count;
        for (int c = 0; c < machine.grammar.classes && count > 1; c++) {
            if (live[c] && machine.step(at, c).isDead()) {
                live[c] = false;
                remaining--;
            }
        }
        return remaining;
    }

    private static int onlyByte(Grammar grammar, boolean[] live) {
        int byteClass = 0;
        while (!live[byteClass]) {
            byteClass++;
        }
        return grammar.onlyByte(byteClass);
    }
}
