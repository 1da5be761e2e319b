package kawi.engine;

import java.util.Optional;
import kawi.constraint.TokenTrie;
import kawi.tokenizer.Tokenizer;
import kawi.tokenizer.TokenizerException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tokenizer of a model, or the reason why there is none. */
final class OwnTokenizer {

    private static final Logger LOG = LoggerFactory.getLogger(LoadedModel.class);

    private final @Nullable Tokenizer tokenizer;
    private final String without;
    private @Nullable TokenTrie trie;

    /** @param name the name of the model, for messages */
    OwnTokenizer(String name, TextAssets text) {
        Tokenizer found = null;
        String problem = name + " has no tokenizer";
        try {
            found = text.tokenizer().orElse(null);
        } catch (TokenizerException e) {
            problem = String.valueOf(e.getMessage());
            LOG.warn("{}; only token ids can be given to this model", problem);
        }
        tokenizer = found;
        without = problem;
    }

    Optional<Tokenizer> get() {
        return Optional.ofNullable(tokenizer);
    }

    /** Returns the tokenizer, or throws if there is none. */
    Tokenizer require() {
        if (tokenizer == null) {
            throw new IllegalStateException(without + "; only token ids can be given to this model");
        }
        return tokenizer;
    }

    /** The bytes of all tokens. */
    synchronized TokenTrie trie() {
        if (trie == null) {
            trie = new TokenTrie(require());
        }
        return trie;
    }
}
