package kawi.random;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import kawi.ModelFileException;
import kawi.gguf.GgufWriter;
import kawi.gguf.MetadataType;
import kawi.json.JsonSyntax;
import kawi.json.JsonValue;
import kawi.tokenizer.AddedToken;
import kawi.tokenizer.Tokenizer;
import kawi.tokenizer.TokenizerException;

/**
 * The tokenizer of a random model, in the form of GGUF metadata.
 *
 * @param pre the name of the pre-tokenizer
 * @param tokens ordinary tokens in the byte alphabet, added tokens unchanged
 * @param types ggml's {@code llama_token_type}
 * @param endOfTurn the id of the token that ends an answer
 * @param endOfText the id of the token that ends a document and is used for padding
 */
record RandomVocabulary(
        String pre, List<String> tokens, List<Integer> types, List<String> merges, int endOfTurn, int endOfText) {

    private static final int NORMAL = 1;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int UNUSED = 5;

    /**
     * The number of ids from {@code <|endoftext|>} to the end of the vocabulary of Qwen3.5: added tokens, then padding.
     */
    private static final int TAIL = 276;

    /** Uses only features that every implementation of chat templates supports. */
    private static final String CHAT_TEMPLATE = """
            {%- for message in messages -%}
            {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' -}}
            {%- endfor -%}
            {%- if add_generation_prompt -%}
            {{- '<|im_start|>assistant\\n' -}}
            {%- if enable_thinking is defined and enable_thinking -%}
            {{- '<think>\\n' -}}
            {%- else -%}
            {{- '<think>\\n\\n</think>\\n\\n' -}}
            {%- endif -%}
            {%- endif -%}""";

    /** The same for messages whose content may be a list of texts, images and films. */
    private static final String VISION_TEMPLATE = CHAT_TEMPLATE.replace(
            "{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' -}}\n", """
            {{- '<|im_start|>' + message.role + '\\n' -}}
            {%- if message.content is string -%}
            {{- message.content -}}
            {%- else -%}
            {%- for part in message.content -%}
            {%- if part.type == 'image' -%}
            {{- '<|vision_start|><|image_pad|><|vision_end|>' -}}
            {%- elif part.type == 'video' -%}
            {{- '<|vision_start|><|video_pad|><|vision_end|>' -}}
            {%- else -%}
            {{- part.text -}}
            {%- endif -%}
            {%- endfor -%}
            {%- endif -%}
            {{- '<|im_end|>\\n' -}}
            """);

    /**
     * One token for each byte, no merges, and the most important added tokens, placed relative to the end as in
     * Qwen3.5.
     *
     * @param vision whether the tokens of images and films are among them
     */
    static RandomVocabulary ofBytes(int size, boolean vision) {
        List<String> tokens = new ArrayList<>(size);
        List<Integer> types = new ArrayList<>(size);
        byteAlphabet().forEach(spelling -> {
            tokens.add(spelling);
            types.add(NORMAL);
        });
        pad(tokens, types, size);
        int base = size - TAIL;
        added(tokens, types, base, "<|endoftext|>", CONTROL);
        added(tokens, types, base + 1, "<|im_start|>", CONTROL);
        added(tokens, types, base + 2, "<|im_end|>", CONTROL);
        if (vision) {
            added(tokens, types, base + 9, "<|vision_start|>", CONTROL);
            added(tokens, types, base + 10, "<|vision_end|>", CONTROL);
            added(tokens, types, base + 11, "<|vision_pad|>", CONTROL);
            added(tokens, types, base + 12, "<|image_pad|>", CONTROL);
            added(tokens, types, base + 13, "<|video_pad|>", CONTROL);
        }
        added(tokens, types, base + 24, "<think>", USER_DEFINED);
        added(tokens, types, base + 25, "</think>", USER_DEFINED);
        return new RandomVocabulary("qwen35", tokens, types, List.of(), base + 2, base);
    }

    private static void added(List<String> tokens, List<Integer> types, int id, String text, int type) {
        tokens.set(id, text);
        types.set(id, type);
    }

    /** Qwen's order: printable bytes, then the others, which GPT-2's alphabet represents by U+0100 and following. */
    private static List<String> byteAlphabet() {
        List<String> printable = new ArrayList<>();
        List<String> others = new ArrayList<>();
        for (int b = 0; b < 256; b++) {
            boolean prints = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
            if (prints) {
                printable.add(String.valueOf((char) b));
            } else {
                others.add(String.valueOf((char) (0x100 + others.size())));
            }
        }
        printable.addAll(others);
        return printable;
    }

    private static void pad(List<String> tokens, List<Integer> types, int size) {
        while (tokens.size() < size) {
            tokens.add("[PAD%d]".formatted(tokens.size()));
            types.add(UNUSED);
        }
    }

    /**
     * Reads a {@code tokenizer.json} or {@code tokenizer.json.gz}.
     *
     * @throws ModelFileException if it cannot be read, has more tokens than the model, lacks Qwen's end tokens, or
     *     splits text in a way that GGUF has no name for
     */
    static RandomVocabulary read(Path file, int size) {
        byte[] json = bytes(file);
        Tokenizer tokenizer = tokenizer(json, file);
        if (tokenizer.preTokenizer().equals("custom")) {
            throw new ModelFileException("%s: GGUF files have no name for its pre-tokenizer".formatted(file));
        }
        if (tokenizer.vocabularySize() > size) {
            throw new ModelFileException("%s has %,d tokens, but a model of this size has room for %,d"
                    .formatted(file, tokenizer.vocabularySize(), size));
        }
        List<String> tokens = new ArrayList<>(size);
        List<Integer> types = new ArrayList<>(size);
        pad(tokens, types, size);
        // The tokenizer has checked the document.
        JsonValue model = JsonSyntax.STRICT
                .parse(new String(json, StandardCharsets.UTF_8))
                .path("model");
        model.path("vocab")
                .properties()
                .forEach(entry -> added(tokens, types, entry.getValue().intValue(), entry.getKey(), NORMAL));
        for (AddedToken token : tokenizer.addedTokens()) {
            added(tokens, types, token.id(), token.text(), token.special() ? CONTROL : USER_DEFINED);
        }
        List<String> merges = new ArrayList<>();
        for (JsonValue merge : model.path("merges").values()) {
            merges.add(
                    merge.isArray()
                            ? merge.path(0).stringValue() + " " + merge.path(1).stringValue()
                            : merge.stringValue());
        }
        return new RandomVocabulary(
                tokenizer.preTokenizer(),
                tokens,
                types,
                merges,
                id(tokenizer, "<|im_end|>", file),
                id(tokenizer, "<|endoftext|>", file));
    }

    private static byte[] bytes(Path file) {
        try (InputStream in = Files.newInputStream(file);
                InputStream json = file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in) {
            return json.readAllBytes();
        } catch (IOException e) {
            throw new ModelFileException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
        }
    }

    private static Tokenizer tokenizer(byte[] json, Path file) {
        try {
            return Tokenizer.fromJson(json, null, file.toString());
        } catch (TokenizerException e) {
            throw new ModelFileException(e.getMessage(), e);
        }
    }

    private static int id(Tokenizer tokenizer, String token, Path file) {
        return tokenizer
                .id(token)
                .orElseThrow(() -> new ModelFileException("%s has no token %s".formatted(file, token)));
    }

    /**
     * Adds the tokenizer and a chat template to the metadata of a file.
     *
     * @param vision whether the template has images and films
     */
    void putInto(GgufWriter file, boolean vision) {
        file.put("tokenizer.ggml.model", MetadataType.STRING, "gpt2")
                .put("tokenizer.ggml.pre", MetadataType.STRING, pre)
                .put("tokenizer.ggml.tokens", MetadataType.STRING, tokens)
                .put("tokenizer.ggml.token_type", MetadataType.INT32, types)
                .put("tokenizer.ggml.merges", MetadataType.STRING, merges)
                .put("tokenizer.ggml.eos_token_id", MetadataType.UINT32, endOfTurn)
                .put("tokenizer.ggml.padding_token_id", MetadataType.UINT32, endOfText)
                .put("tokenizer.ggml.add_bos_token", MetadataType.BOOL, false)
                .put("tokenizer.chat_template", MetadataType.STRING, vision ? VISION_TEMPLATE : CHAT_TEMPLATE);
    }
}
