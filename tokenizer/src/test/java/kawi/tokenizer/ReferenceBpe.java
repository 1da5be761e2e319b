package kawi.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Byte-pair merging by definition, on lists of strings: the pair with the lowest rank first, the leftmost of several.
 */
final class ReferenceBpe {

    private final Map<List<String>, Integer> ranks = new HashMap<>();

    ReferenceBpe(List<String> merges) {
        for (String merge : merges) {
            ranks.put(List.of(merge.split(" ")), ranks.size());
        }
    }

    /** The tokens of one piece, spelled with one character for each byte. */
    List<String> tokens(String piece) {
        var symbols = new ArrayList<String>();
        for (byte b : piece.getBytes(StandardCharsets.UTF_8)) {
            symbols.add(String.valueOf(ByteAlphabet.encode(b & 0xFF)));
        }
        while (true) {
            int best = -1;
            int bestRank = Integer.MAX_VALUE;
            for (int i = 0; i + 1 < symbols.size(); i++) {
                int rank = ranks.getOrDefault(symbols.subList(i, i + 2), Integer.MAX_VALUE);
                if (rank < bestRank) {
                    best = i;
                    bestRank = rank;
                }
            }
            if (best < 0) {
                return symbols;
            }
            symbols.set(best, symbols.get(best) + symbols.remove(best + 1));
        }
    }
}
