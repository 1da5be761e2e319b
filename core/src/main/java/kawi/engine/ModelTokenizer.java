package kawi.engine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import kawi.ModelFileException;
import kawi.Tokenizer;
import kawi.tokenizer.TokenizerException;

/** A model's tokenizer as programs see it. */
record ModelTokenizer(kawi.tokenizer.Tokenizer own) implements Tokenizer {

    /** Reads a {@code tokenizer.json} or {@code tokenizer.json.gz}. */
    static ModelTokenizer load(Path file) {
        try (InputStream in = Files.newInputStream(file);
                InputStream json = file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in) {
            return new ModelTokenizer(kawi.tokenizer.Tokenizer.fromJson(json.readAllBytes(), null, file.toString()));
        } catch (NoSuchFileException e) {
            throw new ModelFileException("%s does not exist; a tokenizer.json was expected there".formatted(file), e);
        } catch (IOException e) {
            throw new ModelFileException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
        } catch (TokenizerException e) {
            throw new ModelFileException(e.getMessage(), e);
        }
    }

    @Override
    public int[] encode(String text) {
        return own.encode(text);
    }

    @Override
    public int[] encodeWithSpecials(String text) {
        return own.encodeWithSpecials(text);
    }

    @Override
    public String decode(int[] ids, boolean skipSpecial) {
        return own.decode(ids, skipSpecial);
    }

    @Override
    public StreamDecoder decoder(boolean skipSpecial) {
        kawi.tokenizer.StreamDecoder decoder = own.decoder(skipSpecial);
        return new StreamDecoder() {
            @Override
            public String feed(int id) {
                return decoder.feed(id);
            }

            @Override
            public String finish() {
                return decoder.finish();
            }
        };
    }

    @Override
    public int vocabularySize() {
        return own.vocabularySize();
    }

    @Override
    public OptionalInt id(String token) {
        return own.id(token);
    }

    @Override
    public byte[] bytes(int id) {
        return own.bytes(id);
    }

    @Override
    public String text(int id) {
        return own.text(id);
    }

    @Override
    public String preTokenizer() {
        return own.preTokenizer();
    }

    @Override
    public Map<Integer, String> addedTokens() {
        Map<Integer, String> tokens = new TreeMap<>();
        own.addedTokens().forEach(token -> tokens.put(token.id(), token.text()));
        return tokens;
    }

    @Override
    public boolean isSpecial(int id) {
        return own.isSpecial(id);
    }

    @Override
    public boolean isUnused(int id) {
        return own.isUnused(id);
    }
}
