package kawi.tokenizer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads {@code vocab.json} and {@code merges.txt}, the files of a tokenizer that was saved without
 * {@code tokenizer.json}. {@code merges.txt} has one merge in each line, {@code left right}, and may begin with a line
 * such as {@code #version: 0.2}.
 */
final class VocabularyFiles {

    private static final int MAX_LINE = 1 << 17;

    private final VocabularyBuilder vocabulary;
    private final Merges.Builder merges;
    private final String mergesFile;

    VocabularyFiles(String vocabularyFile, String mergesFile) {
        this.vocabulary = new VocabularyBuilder(vocabularyFile, "the file", 1 << 12);
        this.merges = new Merges.Builder(mergesFile, "the file", 1 << 12);
        this.mergesFile = mergesFile;
    }

    void readVocabulary(InputStream in, String file) throws IOException {
        JsonReader.read(in, file, json -> json.integers("the file", (token, id) -> vocabulary.ordinary(id, token)));
    }

    void readMerges(InputStream in) throws IOException {
        var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()));
        var line = new StringBuilder();
        try {
            for (int c = reader.read(); ; c = reader.read()) {
                if (c != '\n' && c != -1) {
                    if (line.length() == MAX_LINE) {
                        throw new TokenizerException(mergesFile + ": a line has more than " + MAX_LINE + " characters");
                    }
                    line.append((char) c);
                    continue;
                }
                String merge = line.toString().strip();
                if (!merge.isEmpty() && !merge.startsWith("#version")) {
                    merges.add(merge);
                }
                line.setLength(0);
                if (c == -1) {
                    return;
                }
            }
        } catch (CharacterCodingException e) {
            throw new TokenizerException(mergesFile + ": the content is not UTF-8", e);
        }
    }

    Tokenizer build(TokenizerConfig config) {
        var family = config.family();
        config.addTo(vocabulary);
        var built = vocabulary.build();
        return new Tokenizer(
                new BytePairModel(built, merges.build(built, vocabulary.withheld()), family.ignoresMerges(), -1, false),
                new AddedTokens(vocabulary.addedTokens(), family.normalization()::apply),
                family.normalization(),
                config.preTokenizer(),
                Affixes.NONE);
    }
}
