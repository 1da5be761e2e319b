package kawi.engine;

import java.util.OptionalInt;
import kawi.Tokenizer;

/** A model's tokenizer as programs see it. */
record ModelTokenizer(kawi.tokenizer.Tokenizer own) implements Tokenizer {

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
    public boolean isSpecial(int id) {
        return own.isSpecial(id);
    }

    @Override
    public boolean isUnused(int id) {
        return own.isUnused(id);
    }
}
