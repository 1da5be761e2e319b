package kawi.constraint;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import kawi.tokenizer.AddedToken;
import kawi.tokenizer.Tokenizer;

/**
 * The bytes of all tokens of a vocabulary as a trie, so that common prefixes are processed once. Immutable.
 *
 * <p>Nodes are numbered in depth-first order, children in order of their bytes. Three arrays are sufficient: the byte
 * that leads to a node, its depth, and the end of its subtree, which is where to continue when the byte is not allowed.
 * A walk reads them sequentially; for 248,077 tokens they take a few megabytes.
 *
 * <p>Special tokens and unused ids are not in the trie: no answer may contain them. Added tokens that are not special,
 * such as {@code <tool_call>} and {@code <think>}, are excluded too, although they have a text: to the model they are
 * signals and not text, and inside a JSON string a reader of the answer would take them for the end of a thought or the
 * start of a call. Grammars refer to them explicitly, by name ({@link #added}); everywhere else their text is spelled
 * in ordinary tokens.
 */
public final class TokenTrie {

    static final int NONE = -1;
    static final int ROOT = 0;

    private static final int ID_BITS = 23;

    /** Longer tokens are ignored; no vocabulary has them, and walks reserve memory for the depth of the trie. */
    private static final int MAX_TOKEN_BYTES = 1024;

    private final int vocabularySize;

    /** For node n: the last byte on its path, the number of bytes on its path, the first node after its subtree. */
    final byte[] labels;

    final short[] depths;
    final int[] ends;

    /** The token that ends at a node, or {@link #NONE}. Each of several tokens with the same bytes has its own node. */
    final int[] tokens;

    final int deepest;

    private final byte[] bytes;
    private final int[] offsets;
    private final Map<String, Integer> added = new HashMap<>();
    private final boolean[] singleBytes = new boolean[Automaton.BYTES];

    public TokenTrie(Tokenizer tokenizer) {
        vocabularySize = tokenizer.vocabularySize();
        if (vocabularySize > 1 << ID_BITS) {
            throw new IllegalArgumentException(
                    "a vocabulary of %,d tokens is too large for constrained answers, which take %,d"
                            .formatted(vocabularySize, 1 << ID_BITS));
        }
        for (AddedToken token : tokenizer.addedTokens()) {
            if (!token.special()) {
                added.put(token.text(), token.id());
            }
        }
        byte[][] texts = new byte[vocabularySize][];
        offsets = new int[vocabularySize + 1];
        for (int id = 0; id < vocabularySize; id++) {
            boolean usable = !tokenizer.isUnused(id) && !tokenizer.isSpecial(id) && !added.containsValue(id);
            texts[id] = usable ? tokenizer.bytes(id) : new byte[0];
            if (texts[id].length > MAX_TOKEN_BYTES) {
                texts[id] = new byte[0];
            }
            offsets[id + 1] = offsets[id] + texts[id].length;
        }
        bytes = new byte[offsets[vocabularySize]];
        int longest = 0;
        for (int id = 0; id < vocabularySize; id++) {
            System.arraycopy(texts[id], 0, bytes, offsets[id], texts[id].length);
            longest = Math.max(longest, texts[id].length);
            if (texts[id].length == 1) {
                singleBytes[texts[id][0] & 0xFF] = true;
            }
        }
        deepest = longest;

        int[] order = inOrderOfBytes(texts);
        int nodes = 1;
        for (int i = 0; i < order.length; i++) {
            nodes += newNodes(texts, order, i);
        }
        labels = new byte[nodes];
        depths = new short[nodes];
        ends = new int[nodes];
        tokens = new int[nodes];
        Arrays.fill(tokens, NONE);
        fill(texts, order);
    }

    /** The ids of the tokens with bytes, sorted by bytes, then by id. */
    private static int[] inOrderOfBytes(byte[][] texts) {
        // The first five bytes are sorted together with the id as one long, ties among them afterwards.
        long[] keys = new long[texts.length];
        int count = 0;
        for (int id = 0; id < texts.length; id++) {
            if (texts[id].length > 0) {
                long key = 0;
                for (int i = 0; i < 5; i++) {
                    key = key << 8 | (i < texts[id].length ? texts[id][i] & 0xFF : 0);
                }
                keys[count++] = key << ID_BITS | id;
            }
        }
        Arrays.sort(keys, 0, count);
        Integer[] order = new Integer[count];
        for (int i = 0; i < count; i++) {
            order[i] = (int) (keys[i] & (1 << ID_BITS) - 1);
        }
        for (int from = 0; from < count; ) {
            int to = from + 1;
            while (to < count && keys[to] >> ID_BITS == keys[from] >> ID_BITS) {
                to++;
            }
            if (to > from + 1) {
                Arrays.sort(order, from, to, (a, b) -> {
                    int byBytes = Arrays.compareUnsigned(texts[a], texts[b]);
                    return byBytes != 0 ? byBytes : Integer.compare(a, b);
                });
            }
            from = to;
        }
        return Arrays.stream(order).mapToInt(Integer::intValue).toArray();
    }

    /** The number of nodes that token {@code order[i]} adds to those of the tokens before it. */
    private static int newNodes(byte[][] texts, int[] order, int i) {
        byte[] text = texts[order[i]];
        int shared = i == 0 ? 0 : Math.max(0, Arrays.mismatch(text, texts[order[i - 1]]));
        boolean twin = i > 0 && Arrays.equals(text, texts[order[i - 1]]);
        return twin ? 1 : text.length - shared;
    }

    private void fill(byte[][] texts, int[] order) {
        int[] path = new int[deepest + 1];
        int depth = 0;
        int node = 0;
        for (int i = 0; i < order.length; i++) {
            byte[] text = texts[order[i]];
            int from = text.length - newNodes(texts, order, i);
            for (; depth > from; depth--) {
                ends[path[depth]] = node + 1;
            }
            while (depth < text.length) {
                node++;
                depth++;
                path[depth] = node;
                labels[node] = text[depth - 1];
                depths[node] = (short) depth;
            }
            tokens[node] = order[i];
        }
        for (; depth >= 0; depth--) {
            ends[path[depth]] = node + 1;
        }
    }

    /** One more than the highest id. */
    int vocabularySize() {
        return vocabularySize;
    }

    /** The id of the added token with this text that is not special, or {@link #NONE}. */
    int added(String text) {
        return added.getOrDefault(text, NONE);
    }

    /** Whether a byte by itself is a token. */
    boolean hasByte(int b) {
        return singleBytes[b];
    }

    int token(int node) {
        return tokens[node];
    }

    /** The child of {@code node} for one byte, or {@link #NONE}. */
    int child(int node, int b) {
        for (int child = node + 1; child < ends[node]; child = ends[child]) {
            if ((labels[child] & 0xFF) == b) {
                return child;
            }
        }
        return NONE;
    }

    /** The number of bytes of token {@code id}; 0 if it is not in the trie. */
    int length(int id) {
        return id < 0 || id >= vocabularySize ? 0 : offsets[id + 1] - offsets[id];
    }

    /** Byte {@code i} of token {@code id}. */
    int byteAt(int id, int i) {
        return bytes[offsets[id] + i] & 0xFF;
    }

    /** The number of bytes of memory. */
    long memory() {
        return labels.length * 11L + bytes.length + offsets.length * 4L;
    }
}
