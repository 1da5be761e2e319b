package kawi.server.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import kawi.TokenLogprob;
import kawi.Tokenizer;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Log-probabilities in the forms of the protocol. */
final class Logprobs {

    /** Stands for the logarithm of 0, which JSON has no number for. */
    private static final double IMPOSSIBLE = -9999;

    private final Tokenizer tokenizer;

    Logprobs(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    private static double finite(double logprob) {
        return Math.max(logprob, IMPOSSIBLE);
    }

    /** The form of chats and responses: objects with token, logprob, bytes and top_logprobs. */
    ArrayNode content(List<TokenLogprob> tokens) {
        ArrayNode content = Json.array();
        for (TokenLogprob token : tokens) {
            ObjectNode object = entry(token);
            ArrayNode top = object.putArray("top_logprobs");
            token.top().forEach(other -> top.add(entry(other)));
            content.add(object);
        }
        return content;
    }

    private ObjectNode entry(TokenLogprob token) {
        ObjectNode object = Json.object().put("token", token.text()).put("logprob", finite(token.logprob()));
        ArrayNode bytes = object.putArray("bytes");
        for (byte b : bytes(token.token())) {
            bytes.add(b & 0xff);
        }
        return object;
    }

    private byte[] bytes(int token) {
        return token < tokenizer.vocabularySize() ? tokenizer.bytes(token) : new byte[0];
    }

    /** The text of a token, or its bytes as {@code bytes:\xe2\x80} if they are not whole characters. */
    private String name(int token) {
        byte[] bytes = bytes(token);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return "bytes:" + HexFormat.of().withPrefix("\\x").formatHex(bytes);
        }
    }

    /** Collects the form of completions: parallel arrays of tokens, log-probabilities, alternatives and offsets. */
    final class Arrays {
        private final ArrayNode tokens = Json.array();
        private final ArrayNode logprobs = Json.array();
        private final ArrayNode top = Json.array();
        private final ArrayNode offsets = Json.array();
        private final Tokenizer.StreamDecoder decoder = tokenizer.decoder(false);
        private int offset;

        /** @param offset the characters of the text before the first token */
        Arrays(int offset) {
            this.offset = offset;
        }

        /** Adds a token without a probability, since nothing precedes it. */
        void addFirst(int token) {
            add(token);
            logprobs.addNull();
            top.addNull();
        }

        void addAll(List<TokenLogprob> all) {
            for (TokenLogprob token : all) {
                add(token.token());
                logprobs.add(finite(token.logprob()));
                ObjectNode alternatives = top.addObject();
                token.top().forEach(other -> put(alternatives, other));
                put(alternatives, token);
            }
        }

        /** Of tokens with the same text the most probable one is kept. */
        private void put(ObjectNode alternatives, TokenLogprob token) {
            String name = name(token.token());
            if (!alternatives.has(name)) {
                alternatives.put(name, finite(token.logprob()));
            }
        }

        private void add(int token) {
            tokens.add(name(token));
            offsets.add(offset);
            if (token < tokenizer.vocabularySize()) {
                String text = decoder.feed(token);
                offset += text.codePointCount(0, text.length());
            }
        }

        /** The offset after the last token. */
        int offset() {
            return offset;
        }

        ObjectNode json() {
            ObjectNode json = Json.object();
            json.set("text_offset", offsets);
            json.set("token_logprobs", logprobs);
            json.set("tokens", tokens);
            json.set("top_logprobs", top);
            return json;
        }
    }
}
