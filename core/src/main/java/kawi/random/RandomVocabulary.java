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
import kawi.gguf.GgufVocabulary;
import kawi.gguf.GgufWriter;
import kawi.gguf.MetadataType;
import kawi.json.JsonSyntax;
import kawi.tokenizer.Tokenizer;
import kawi.tokenizer.TokenizerException;

/**
 * The tokenizer of a random model, in the form of GGUF metadata.
 *
 * @param endOfTurn the id of the token that ends an answer
 * @param endOfText the id of the token that ends a document and is used for padding
 */
record RandomVocabulary(GgufVocabulary vocabulary, int endOfTurn, int endOfText) {

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
            types.add(GgufVocabulary.NORMAL);
        });
        GgufVocabulary.pad(tokens, types, size);
        int base = size - TAIL;
        added(tokens, types, base, "<|endoftext|>", GgufVocabulary.CONTROL);
        added(tokens, types, base + 1, "<|im_start|>", GgufVocabulary.CONTROL);
        added(tokens, types, base + 2, "<|im_end|>", GgufVocabulary.CONTROL);
        if (vision) {
            added(tokens, types, base + 9, "<|vision_start|>", GgufVocabulary.CONTROL);
            added(tokens, types, base + 10, "<|vision_end|>", GgufVocabulary.CONTROL);
            added(tokens, types, base + 11, "<|vision_pad|>", GgufVocabulary.CONTROL);
            added(tokens, types, base + 12, "<|image_pad|>", GgufVocabulary.CONTROL);
            added(tokens, types, base + 13, "<|video_pad|>", GgufVocabulary.CONTROL);
        }
        added(tokens, types, base + 24, "<think>", GgufVocabulary.USER_DEFINED);
        added(tokens, types, base + 25, "</think>", GgufVocabulary.USER_DEFINED);
        return new RandomVocabulary(new GgufVocabulary("qwen35", tokens, types, List.of()), base + 2, base);
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

    /**
     * Reads a {@code tokenizer.json} or {@code tokenizer.json.gz}.
     *
     * @throws ModelFileException if it cannot be read, has more tokens than the model, lacks Qwen's end tokens, or
     *     splits text in a way that GGUF has no name for
     */
    static RandomVocabulary read(Path file, int size) {
        byte[] json = bytes(file);
        Tokenizer tokenizer = tokenizer(json, file);
        GgufVocabulary.check(tokenizer, size, file.toString());
        // The tokenizer has checked the document.
        GgufVocabulary vocabulary = GgufVocabulary.ofJson(
                JsonSyntax.STRICT.parse(new String(json, StandardCharsets.UTF_8)), tokenizer, size);
        return new RandomVocabulary(
                vocabulary, id(tokenizer, "<|im_end|>", file), id(tokenizer, "<|endoftext|>", file));
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
        vocabulary.putInto(file);
        file.put("tokenizer.ggml.eos_token_id", MetadataType.UINT32, endOfTurn)
                .put("tokenizer.ggml.padding_token_id", MetadataType.UINT32, endOfText)
                .put("tokenizer.ggml.add_bos_token", MetadataType.BOOL, false)
                .put("tokenizer.chat_template", MetadataType.STRING, vision ? VISION_TEMPLATE : CHAT_TEMPLATE);
    }
}
