package kawi.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Supported variants of {@code tokenizer.json}, and the messages for unsupported ones. */
class TokenizerJsonTest {

    private static final String QWEN2 =
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
                    + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String QWEN35 =
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*"
                    + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    @Test
    void readsMergesInBothForms() {
        var pairs = file();
        ((ArrayNode) pairs.at("/model/merges")).removeAll().addArray().add("a").add("b");
        assertArrayEquals(new int[] {256}, read(file()).encode("ab"));
        assertArrayEquals(new int[] {256}, read(pairs).encode("ab"));
    }

    @Test
    void readsMergesBeforeTheVocabulary() {
        var file = file();
        var model = (ObjectNode) file.get("model");
        model.set("vocab", model.remove("vocab"));
        file.set("normalizer", file.remove("normalizer"));
        assertArrayEquals(new int[] {256}, read(file).encode("ab"));
    }

    @Test
    void normalizesOnlyIfTheFileSpecifiesIt() {
        var nfc = read(file());
        assertEquals("\u00E9", nfc.decode(nfc.encode("e\u0301")));
        for (Consumer<ObjectNode> none : Stream.<Consumer<ObjectNode>>of(
                        f -> f.putNull("normalizer"),
                        f -> f.remove("normalizer"),
                        f -> f.putObject("normalizer").put("type", "Sequence").putArray("normalizers"))
                .toList()) {
            var file = file();
            none.accept(file);
            var tokenizer = read(file);
            assertEquals("e\u0301", tokenizer.decode(tokenizer.encode("e\u0301")));
        }
        var sequence = file();
        sequence.putObject("normalizer")
                .put("type", "Sequence")
                .putArray("normalizers")
                .addObject()
                .put("type", "NFC");
        assertEquals("\u00E9", read(sequence).decode(read(sequence).encode("e\u0301")));
    }

    @Test
    void readsOlderFiles() {
        var file = file();
        ((ObjectNode) file.at("/pre_tokenizer/pretokenizers/0/pattern")).put("Regex", QWEN2);
        ((ObjectNode) file.get("model")).put("continuing_subword_prefix", "").put("end_of_word_suffix", "");
        file.putObject("post_processor").put("type", "ByteLevel").put("trim_offsets", false);
        assertEquals("qwen2", read(file).preTokenizer());
    }

    @Test
    void encodingAByteWithoutATokenFails() {
        var file = file();
        ((ObjectNode) file.at("/model/vocab")).remove("z");
        var tokenizer = read(file);
        assertArrayEquals(new int[] {256}, tokenizer.encode("ab"));
        var e = assertThrows(TokenizerException.class, () -> tokenizer.encode("za"));
        assertEquals("the text has the byte 0x7A, for which the vocabulary has no token", e.getMessage());
    }

    @Test
    void anAddedTokenMayAlsoBeListedInTheVocabulary() {
        var file = file();
        ((ObjectNode) file.at("/model/vocab")).put("<two words>", 300).put("<x>", 257);
        ((ArrayNode) file.get("added_tokens")).addObject().put("id", 300).put("content", "<two words>");
        var tokenizer = read(file);
        assertEquals("<two words>", tokenizer.text(300));
        assertArrayEquals(new int[] {300, 257}, tokenizer.encodeWithSpecials("<two words><x>"));
    }

    @Test
    void aTokenThatIsNotSpelledInBytesIsOnlyDecoded() {
        var tokenizer = read(vocabulary(v -> v.put("x y", 300)));
        assertEquals("x y", tokenizer.text(300));
        assertFalse(tokenizer.isUnused(300) || tokenizer.isSpecial(300));
        assertArrayEquals(tokenizer.encode("x y"), tokenizer.encodeWithSpecials("x y"));
        assertEquals(3, tokenizer.encode("x y").length);
    }

    /** A word of the vocabulary that was also added: {@code add_tokens(["ab"])}. */
    @Test
    void anAddedTokenMayBeTheResultOfMerges() {
        var file = file();
        ((ArrayNode) file.get("added_tokens"))
                .addObject()
                .put("id", 256)
                .put("content", "ab")
                .put("normalized", true)
                .put("special", false);
        var tokenizer = read(file);
        assertArrayEquals(new int[] {256}, tokenizer.encode("ab"));
        assertArrayEquals(new int[] {256, 66, 256}, tokenizer.encodeWithSpecials("abcab"));
    }

    @Test
    void textIsNotEncodedAsASpecialTokenByMerging() {
        var file = file();
        ((ObjectNode) file.at("/model/vocab")).put("abc", 258);
        ((ArrayNode) file.at("/model/merges")).add("ab c");
        var added = (ArrayNode) file.get("added_tokens");
        added.addObject().put("id", 258).put("content", "abc").put("special", true);
        added.addObject().put("id", 0).put("content", "!").put("special", true);
        ((ObjectNode) file.get("model")).put("ignore_merges", true);
        var tokenizer = read(file);
        assertArrayEquals(new int[] {256, 66}, tokenizer.encode("abc"));
        assertArrayEquals(new int[] {258}, tokenizer.encodeWithSpecials("abc"));
        assertArrayEquals(new int[] {0}, tokenizer.encode("!"), "there is no other token for this byte");
    }

    /** The library would decode U+00E9 as the byte E9, which is not UTF-8. */
    @Test
    void addedTokensAreDecodedToTheirText() {
        var tokenizer =
                read(addedTo(file(), a -> a.put("content", "caf\u00E9 \u2581").put("normalized", true)));
        assertEquals("caf\u00E9 \u2581", tokenizer.text(258));
        assertArrayEquals(new int[] {258}, tokenizer.encodeWithSpecials("cafe\u0301 \u2581"));
    }

    @Test
    void theDecoderMayBeAbsent() {
        for (Consumer<ObjectNode> change : Stream.<Consumer<ObjectNode>>of(
                        f -> f.remove("decoder"), f -> f.putNull("decoder"))
                .toList()) {
            var file = file();
            change.accept(file);
            assertEquals("a b", read(file).decode(read(file).encode("a b")));
        }
    }

    @Test
    void onlyWithSpecialsAddsTheTokensOfThePostProcessor() {
        var file = file();
        template("<257>", "A").accept(file);
        var tokenizer = read(file);
        assertArrayEquals(new int[] {257, 256}, tokenizer.encodeWithSpecials("ab"));
        assertArrayEquals(new int[] {256}, tokenizer.encode("ab"));
        assertArrayEquals(new int[] {256}, tokenizer.encode(OriginText.ofTemplate("ab")));
    }

    @Test
    void namesThePreTokenizer() {
        assertEquals("qwen35", read(file()).preTokenizer());
        assertEquals(
                "custom",
                read(change(pre("/pretokenizers/0", p -> p.put("behavior", "Removed"))))
                        .preTokenizer());
        assertEquals(
                "gpt-2",
                read(change(f -> f.putObject("pre_tokenizer").put("type", "ByteLevel")))
                        .preTokenizer());
    }

    /** An expression that examines the rest of the text at each of its characters. */
    @Test
    void anExpressionThatTakesTooLongIsRejected() {
        var tokenizer = read(change(pre("/pretokenizers/0/pattern", p -> p.put("Regex", "\\s+$"))));
        assertEquals(4, tokenizer.encode("a  b").length);
        String text = " ".repeat(100_000) + "x";
        var e = assertThrows(TokenizerException.class, () -> tokenizer.encode(text));
        assertEquals(
                "the expression \"\\s+$\" of the tokenizer takes more than 25665792 steps for a text of 100001 characters",
                e.getMessage());
    }

    @Test
    void aNormalizerThatMultipliesTheTextIsRejected() {
        var tokenizer = read(change(f -> {
            var list = f.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
            for (int i = 0; i < 3; i++) {
                list.addObject()
                        .put("type", "Replace")
                        .put("content", "a".repeat(1000))
                        .putObject("pattern")
                        .put("String", "a");
            }
        }));
        var e = assertThrows(TokenizerException.class, () -> tokenizer.encode("aaa"));
        assertEquals("the normalizer of the tokenizer changes 3 characters to 3000000", e.getMessage());
    }

    static Stream<Arguments> rejected() {
        return Stream.of(
                rejected("model.type: only BPE", model(m -> m.put("type", "Unigram"))),
                rejected("model.vocab: is missing", f -> f.remove("model")),
                rejected("model: expected an object, found an array", f -> f.putArray("model")),
                rejected("model.vocab: expected at least one token, found none", model(m -> m.putObject("vocab"))),
                rejected("model.vocab: expected an object, found the string \"x\"", model(m -> m.put("vocab", "x"))),
                rejected("model.vocab \"a\": expected a 32-bit integer, found the string \"1\"", vocab("a", "1")),
                rejected(
                        "model.vocab \"a\": expected a 32-bit integer, found the number 1e3",
                        f -> {},
                        "\"a\":64",
                        "\"a\":1e3"),
                rejected("found the number 4294967296", f -> {}, "\"a\":64", "\"a\":4294967296"),
                rejected("token \"a\" with id -5: expected an id from 0 to", vocab("a", -5)),
                rejected("expected an id from 0 to", vocab("a", Integer.MAX_VALUE)),
                rejected("the highest token id is 30000000, but there are only 258 tokens", vocab("a", 30_000_000)),
                rejected("token \"b\" with id 64: the id already belongs to \"a\"", vocab("b", 64)),
                rejected("the same token has id 64", f -> {}, "\"b\":65", "\"a\":65"),
                rejected("token \"\" with id 300: a token has 1 to", vocab("", 300)),
                rejected("... (40000 characters)", vocab("ä".repeat(40_000), 1 << 30)),
                rejected("cannot be read as JSON at or after line 1", vocab("ä".repeat(2_000_000), 300)),
                rejected(
                        "model.merges[0] a b: the vocabulary has no ordinary token \"ab\"", f -> {}, "\"ab\":256,", ""),
                rejected("model.merges[1] a ac: the vocabulary has no ordinary token \"ac\"", merge("a ac")),
                rejected("model.merges[1] \"ab\": expected two tokens separated by a space", merge("ab")),
                rejected("model.merges[1] \"a b c\": expected two tokens in the 256", merge("a b c")),
                rejected("model.merges[1] \"a \": expected two tokens", merge("a ")),
                rejected("model.merges[1] \" a\": expected two tokens", merge(" a")),
                rejected(
                        "model.merges[1]: expected two tokens, found 1",
                        merges(m -> m.addArray().add("a"))),
                rejected(
                        "model.merges[1]: expected two tokens, found more",
                        merges(m -> m.addArray().add("a").add("b").add("c"))),
                rejected("model.merges[1]: expected a string, found the number 7", merges(m -> m.add(7))),
                rejected("model.merges[1] < x>: the vocabulary has no ordinary token \"x>\"", merge("< x>")),
                rejected("model.byte_fallback: is only supported if the vocabulary has all 256 bytes", model(m -> {
                    m.put("byte_fallback", true);
                    ((ObjectNode) m.get("vocab")).remove("z");
                })),
                rejected(
                        "model.ignore_merges: expected a boolean, found \"yes\"",
                        model(m -> m.put("ignore_merges", "yes"))),
                rejected("model.unknown_setting: is set to \"7\"", model(m -> m.put("unknown_setting", 7))),
                rejected("model.dropout: is set to \"0.1\"", model(m -> m.put("dropout", 0.1))),
                rejected(
                        "model.continuing_subword_prefix: is set to \"##\"",
                        model(m -> m.put("continuing_subword_prefix", "##"))),
                rejected(
                        "model.end_of_word_suffix: is set to \"</w>\"",
                        model(m -> m.put("end_of_word_suffix", "</w>"))),
                rejected(
                        "normalizer.type: \"BertNormalizer\" is not supported, only Sequence, NFC, NFD",
                        f -> f.putObject("normalizer").put("type", "BertNormalizer")),
                rejected("normalizer.type: expected a string, found nothing", f -> f.putObject("normalizer")),
                rejected(
                        "normalizer.pattern.Regex: the expression \"a*\" is not supported: it matches the empty string",
                        f -> f.putObject("normalizer")
                                .put("type", "Replace")
                                .put("content", "")
                                .putObject("pattern")
                                .put("Regex", "a*")),
                rejected(
                        "normalizer.pattern.String: expected 1 to 512 characters, found 0",
                        f -> f.putObject("normalizer")
                                .put("type", "Replace")
                                .put("content", "")
                                .putObject("pattern")
                                .put("String", "")),
                rejected("normalizer.normalizers[64].type: more than 64 steps are not supported", f -> {
                    var list = f.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
                    for (int i = 0; i < 65; i++) {
                        list.addObject().put("type", "NFC");
                    }
                }),
                rejected("normalizer: expected an object, found \"NFC\"", f -> f.put("normalizer", "NFC")),
                rejected(
                        "normalizer.normalizers: expected an array",
                        f -> f.putObject("normalizer").put("type", "Sequence")),
                rejected("pre_tokenizer: there is no ByteLevel; only", f -> f.remove("pre_tokenizer")),
                rejected("pre_tokenizer: there is no ByteLevel; only", f -> f.putNull("pre_tokenizer")),
                rejected("pre_tokenizer: there is no ByteLevel; only", pre("", p -> p.put("type", "Whitespace"))),
                rejected("pre_tokenizer: there is no ByteLevel; only", pre("", p -> p.putArray("pretokenizers"))),
                rejected(
                        "pre_tokenizer.type: \"Metaspace\" is not supported, only Sequence, Split, ByteLevel, Digits",
                        pre("", p -> p.put("type", "Metaspace"))),
                rejected(
                        "pre_tokenizer: a second ByteLevel is not supported",
                        pre(
                                "",
                                p -> ((ArrayNode) p.get("pretokenizers"))
                                        .addObject()
                                        .put("type", "ByteLevel"))),
                rejected(
                        "pretokenizers[0].pattern.Regex: the expression \"(\\d\\d)+\" is not supported:"
                                + " it has a repeated group before or at offset 7",
                        pre("/pretokenizers/0/pattern", p -> p.put("Regex", "(\\d\\d)+"))),
                rejected(
                        "pretokenizers[0].pattern.Regex: expected a string",
                        pre("/pretokenizers/0/pattern", p -> p.remove("Regex"))),
                rejected(
                        "pretokenizers[0].behavior: \"removed\" is not supported",
                        pre("/pretokenizers/0", p -> p.put("behavior", "removed"))),
                rejected(
                        "pretokenizers[0].invert: expected a boolean, found 1",
                        pre("/pretokenizers/0", p -> p.put("invert", 1))),
                rejected(
                        "post_processor.single: expected an array, found nothing",
                        f -> f.putObject("post_processor").put("type", "TemplateProcessing")),
                rejected("post_processor.single: expected the sequence A, found none", template()),
                rejected("post_processor.single: expected the sequence A once and no other", template("A", "A")),
                rejected("post_processor.single: expected the sequence A once and no other", template("B")),
                rejected("post_processor.special_tokens.<s>: expected an object, found nothing", template("<s>", "A")),
                rejected("post_processor: adds the id 300, which no token has", template("<300>", "A")),
                rejected("post_processor: adds the id -1, which no token has", template("<-1>", "A")),
                rejected(
                        "post_processor.cls: expected a token and its id",
                        f -> f.putObject("post_processor").put("type", "BertProcessing")),
                rejected("post_processor.processors[1].type: a second processor that adds tokens", f -> {
                    var list = f.putObject("post_processor")
                            .put("type", "Sequence")
                            .putArray("processors");
                    for (int i = 0; i < 2; i++) {
                        var bert = list.addObject().put("type", "BertProcessing");
                        bert.putArray("cls").add("<x>").add(257);
                        bert.putArray("sep").add("<x>").add(257);
                    }
                }),
                rejected(
                        "decoder.type: \"WordPiece\" is not supported",
                        f -> f.putObject("decoder").put("type", "WordPiece")),
                rejected("added_tokens: expected an array, found an object", f -> f.putObject("added_tokens")),
                rejected(
                        "added_tokens[1]: expected an object, found 5",
                        f -> ((ArrayNode) f.get("added_tokens")).add(5)),
                rejected("added_tokens[1].id: expected a 32-bit integer, found nothing", added(a -> a.remove("id"))),
                rejected("added_tokens[1].id: expected a 32-bit integer, found \"7\"", added(a -> a.put("id", "7"))),
                rejected("added_tokens[1].content: expected a string", added(a -> a.put("content", 7))),
                rejected(
                        "added_tokens[1].special: expected a boolean, found \"yes\"",
                        added(a -> a.put("special", "yes"))),
                rejected("added_tokens[1].lstrip: expected a boolean, found 1", added(a -> a.put("lstrip", 1))),
                rejected(
                        "added_tokens[1].normalized: expected a boolean, found \"no\"",
                        added(a -> a.put("normalized", "no"))),
                rejected(
                        "added_tokens[1]: token \"\" with id 258: an added token has 1 to",
                        added(a -> a.put("content", ""))),
                rejected("an added token has 1 to", added(a -> a.put("content", "x".repeat(5000)))),
                rejected("the same token has id 257", added(a -> a.put("content", "<x>"))),
                rejected("the id already belongs to \"<x>\"", added(a -> a.put("id", 257))),
                rejected("the id already belongs to the added token \"<y>\"", added(a -> a.put("id", 64))),
                rejected("token \"ab\" with id 258: the same token has id 256", added(a -> a.put("content", "ab"))),
                rejected("the name \"model\" occurs twice", f -> {}, "\"normalizer\":", "\"model\":{},\"normalizer\":"),
                rejected(
                        "end of file: expected nothing after the JSON value, found the number 1",
                        f -> {},
                        "\"decoder\":{\"type\":\"ByteLevel\"}}",
                        "\"decoder\":{\"type\":\"ByteLevel\"}} 1"),
                rejected(
                        "cannot be read as JSON at or after line 1",
                        f -> {},
                        "{\"type\":\"NFC\"}",
                        "[".repeat(100_000)),
                rejected("cannot be read as JSON at or after line 1", f -> {}, "{\"type\":\"NFC\"}", "{]"),
                rejected("expected at most 4096 values, found more", f -> {
                    var list = f.putObject("normalizer").putArray("normalizers");
                    for (int i = 0; i < 10_000; i++) {
                        list.add(i);
                    }
                }));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rejected")
    void isRejected(String message, String json) {
        var e = assertThrows(TokenizerException.class, () -> read(json));
        assertTrue(e.getMessage().startsWith("test.json: "), e.getMessage());
        assertTrue(e.getMessage().contains(message), e.getMessage());
        assertTrue(e.getMessage().length() < 400, e.getMessage());
    }

    @Test
    void rejectsFilesWithoutAnObject() {
        for (String json :
                new String[] {"", " ", "null", "[]", "5", "\"x\"", "{", "nul", "\u0000", "{\"model\":", "\uFFFF"}) {
            assertThrows(TokenizerException.class, () -> read(json), json);
        }
    }

    @Test
    void rejectsFilesThatAreNotUtf8() {
        byte[] json = file().toString().getBytes(StandardCharsets.UTF_16);
        var e = assertThrows(TokenizerException.class, () -> Tokenizer.fromJson(json, null, "test.json"));
        assertEquals(
                "test.json: cannot be read as JSON at or after line 1, column 1: the content is not UTF-8",
                e.getMessage());
    }

    @Test
    void rejectsAnInconsistentConfig() {
        String json = file().toString();
        for (String[] pair : new String[][] {
            {
                "{\"257\":{\"content\":\"<other>\"}}",
                "added_tokens_decoder.257: token \"<other>\" with id 257: the id already belongs to \"<x>\""
            },
            {
                "{\"301\":{\"content\":\"<x>\"}}",
                "added_tokens_decoder.301: token \"<x>\" with id 301: the same token has id 257"
            },
            {"{\"64\":{\"content\":\"<y>\"}}", "the id already belongs to the added token \"<y>\""},
            {
                "{\"x\":{\"content\":\"<y>\"}}",
                "added_tokens_decoder.x.content: expected a token id as the key of the entry, found \"x\""
            },
            {
                "{\"301\":{\"content\":\"<y>\",\"lstrip\":\"yes\"}}",
                "added_tokens_decoder.301.lstrip: expected a boolean, found \"yes\""
            },
            {"{\"301\":7}", "added_tokens_decoder.301: expected an object, found 7"},
            {"7", "added_tokens_decoder: expected an object, found the number 7"},
        }) {
            byte[] config = ("{\"added_tokens_decoder\":" + pair[0] + "}").getBytes(StandardCharsets.UTF_8);
            var e = assertThrows(
                    TokenizerException.class,
                    () -> Tokenizer.fromJson(json.getBytes(StandardCharsets.UTF_8), config, "test.json"));
            assertTrue(e.getMessage().contains(pair[1]), e.getMessage());
        }
    }

    private static ObjectNode change(Consumer<ObjectNode> change) {
        var file = file();
        change.accept(file);
        return file;
    }

    private static ObjectNode vocabulary(Consumer<ObjectNode> change) {
        return change(f -> change.accept((ObjectNode) f.at("/model/vocab")));
    }

    private static ObjectNode addedTo(ObjectNode file, Consumer<ObjectNode> change) {
        added(change).accept(file);
        return file;
    }

    private static Tokenizer read(ObjectNode file) {
        return read(file.toString());
    }

    private static Tokenizer read(String json) {
        return Tokenizer.fromJson(json.getBytes(StandardCharsets.UTF_8), null, "test.json");
    }

    private static Arguments rejected(String message, Consumer<ObjectNode> change) {
        var file = file();
        change.accept(file);
        return Arguments.of(message, file.toString());
    }

    private static Arguments rejected(String message, Consumer<ObjectNode> change, String replaced, String by) {
        var file = file();
        change.accept(file);
        String json = file.toString();
        assertTrue(json.contains(replaced), json);
        return Arguments.of(message, json.replace(replaced, by));
    }

    private static Consumer<ObjectNode> model(Consumer<ObjectNode> change) {
        return f -> change.accept((ObjectNode) f.get("model"));
    }

    private static Consumer<ObjectNode> vocab(String token, int id) {
        return f -> ((ObjectNode) f.at("/model/vocab")).put(token, id);
    }

    private static Consumer<ObjectNode> vocab(String token, String id) {
        return f -> ((ObjectNode) f.at("/model/vocab")).put(token, id);
    }

    /** A post-processor with these pieces; {@code <300>} is a token that it defines with this id. */
    private static Consumer<ObjectNode> template(String... pieces) {
        return f -> {
            var template = f.putObject("post_processor").put("type", "TemplateProcessing");
            var single = template.putArray("single");
            var tokens = template.putObject("special_tokens");
            for (String piece : pieces) {
                boolean sequence = piece.length() == 1;
                single.addObject()
                        .putObject(sequence ? "Sequence" : "SpecialToken")
                        .put("id", piece);
                if (piece.matches("<-?\\d+>")) {
                    tokens.putObject(piece)
                            .putArray("ids")
                            .add(Integer.parseInt(piece.substring(1, piece.length() - 1)));
                }
            }
        };
    }

    private static Consumer<ObjectNode> merge(String merge) {
        return merges(m -> m.add(merge));
    }

    private static Consumer<ObjectNode> merges(Consumer<ArrayNode> change) {
        return f -> change.accept((ArrayNode) f.at("/model/merges"));
    }

    private static Consumer<ObjectNode> pre(String path, Consumer<ObjectNode> change) {
        return f -> change.accept((ObjectNode) f.at("/pre_tokenizer" + path));
    }

    /** Adds a second added token, {@code <y>} with id 258, after the change. */
    private static Consumer<ObjectNode> added(Consumer<ObjectNode> change) {
        return f -> change.accept(
                ((ArrayNode) f.get("added_tokens")).addObject().put("id", 258).put("content", "<y>"));
    }

    /** The bytes with their ids in GPT-2's order, {@code ab} (256) and the added token {@code <x>} (257). */
    private static ObjectNode file() {
        var file = TestTokenizers.JSON.createObjectNode();
        file.put("version", "1.0");
        file.putNull("truncation");
        file.putArray("added_tokens")
                .addObject()
                .put("id", 257)
                .put("content", "<x>")
                .put("special", true);
        file.putObject("normalizer").put("type", "NFC");
        var pre = file.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
        pre.addObject()
                .put("type", "Split")
                .put("behavior", "Isolated")
                .put("invert", false)
                .putObject("pattern")
                .put("Regex", QWEN35);
        pre.addObject().put("type", "ByteLevel").put("add_prefix_space", false).put("use_regex", false);
        var model =
                file.putObject("model").put("type", "BPE").putNull("dropout").put("byte_fallback", false);
        var vocab = model.putObject("vocab");
        vocab.put("ab", 256);
        int id = 0;
        for (char c = '!'; c <= 0x143; c++) {
            var bytes = new byte[1];
            if (ByteAlphabet.decode(String.valueOf(c), 0, 1, bytes, 0)) {
                vocab.put(String.valueOf(c), id++);
            }
        }
        model.putArray("merges").add("a b");
        file.putObject("decoder").put("type", "ByteLevel");
        return file;
    }
}
