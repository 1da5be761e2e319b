package kawi.tokenizer;

import static kawi.tokenizer.TokenizerException.quote;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import kawi.tokenizer.SplitStep.AtMatches;
import kawi.tokenizer.SplitStep.Behavior;
import kawi.tokenizer.SplitStep.ByteLevel;
import org.jspecify.annotations.Nullable;

/**
 * Reads the small parts of {@code tokenizer.json}: normalizer, pre-tokenizer, post-processor and decoder.
 *
 * <p>A part is read for what it does. Absence, null, an empty sequence and a step that changes nothing mean the same,
 * and so do a step and a sequence of this step only. What affects ids or text and is not supported is rejected by name.
 * Settings that affect only the offsets of tokens in text ({@code trim_offsets}) or nothing (those of the decoder and
 * of the post-processor {@code ByteLevel}) are ignored.
 */
final class PipelineJson {

    /**
     * What a Punctuation step splits off: the punctuation of Unicode 8 and ASCII symbols. Determined by comparing the
     * library with JDK 25 for every code point.
     */
    private static final String PUNCTUATION = "[[\\p{P}$+<=>\\^`|~\\x{166D}\\x{111C9}]&&[^\\x{61D}\\x{9FD}\\x{A76}"
            + "\\x{C77}\\x{C84}\\x{1B4E}\\x{1B4F}\\x{1B7D}-\\x{1B7F}\\x{2E43}-\\x{2E4F}\\x{2E52}-\\x{2E5D}\\x{10D6E}"
            + "\\x{10EAD}\\x{10F55}-\\x{10F59}\\x{10F86}-\\x{10F89}\\x{113D4}\\x{113D5}\\x{113D7}\\x{113D8}"
            + "\\x{1144B}-\\x{1145D}\\x{11660}-\\x{1166C}\\x{116B9}\\x{1183B}\\x{11944}-\\x{11946}\\x{119E2}"
            + "\\x{11A3F}-\\x{11A46}\\x{11A9A}-\\x{11AA2}\\x{11B00}-\\x{11B09}\\x{11BE1}\\x{11C41}-\\x{11C45}\\x{11C70}"
            + "\\x{11C71}\\x{11EF7}\\x{11EF8}\\x{11F43}-\\x{11F4F}\\x{11FFF}\\x{12FF1}\\x{12FF2}\\x{16D6D}-\\x{16D6F}"
            + "\\x{16E97}-\\x{16E9A}\\x{16FE2}\\x{1E5FF}\\x{1E95E}\\x{1E95F}]]";

    /** What a Whitespace step keeps: words, with {@code \w} of another library than elsewhere, and other characters. */
    private static final String WORDS = "[\\w\\x{200C}\\x{200D}]+|[^\\w\\s\\x{200C}\\x{200D}]+";

    private static final int MAX_STEPS = 64;
    private static final int MAX_LITERAL = 512;

    private PipelineJson() {}

    /** Reads {@code normalizer}. */
    static Normalization normalization(@Nullable Settings normalizer) {
        var parts = new ArrayList<Normalization>();
        addNormalizations(normalizer, parts);
        return parts.size() == 1 ? parts.getFirst() : new Normalization.Sequence(parts);
    }

    private static void addNormalizations(@Nullable Settings normalizer, List<Normalization> parts) {
        if (normalizer == null) {
            return;
        }
        checkCount(parts, normalizer);
        switch (normalizer.type()) {
            case "Sequence" -> normalizer.parts("normalizers").forEach(part -> addNormalizations(part, parts));
            case "NFC", "NFD", "NFKC", "NFKD" ->
                parts.add(new Normalization.Form(Normalizer.Form.valueOf(normalizer.type())));
            case "Lowercase" -> parts.add(new Normalization.Lowercase());
            case "Prepend" -> parts.add(new Normalization.Prepend(normalizer.string("prepend")));
            case "Replace" -> parts.add(replacement(normalizer));
            case "Strip" ->
                parts.add(new Normalization.Strip(
                        normalizer.flag("strip_left", false), normalizer.flag("strip_right", false)));
            case "ByteLevel" -> {
                if (parts.stream().anyMatch(Normalization::spells)) {
                    throw normalizer.error("type", "a second ByteLevel is not supported");
                }
                parts.add(new Normalization.ByteLevel());
            }
            default ->
                throw normalizer.unsupportedType(
                        "Sequence, NFC, NFD, NFKC, NFKD, Lowercase, Prepend, Replace, Strip and ByteLevel");
        }
    }

    private static Normalization replacement(Settings replace) {
        var pattern = replace.part("pattern");
        String content = replace.string("content");
        if (pattern.has("String")) {
            return new Normalization.ReplaceText(literal(pattern), content);
        }
        return new Normalization.ReplaceMatches(expression(pattern), content);
    }

    /**
     * Reads {@code pre_tokenizer}.
     *
     * @param file the file's name, for messages
     */
    static PreTokenizer preTokenizer(@Nullable Settings preTokenizer, Normalization normalization, String file) {
        var steps = new ArrayList<SplitStep>();
        addSteps(preTokenizer, steps);
        boolean spelled = normalization.spells();
        boolean found = spelled;
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i) instanceof ByteLevel step) {
                if (found) {
                    throw new TokenizerException(file + ": pre_tokenizer: a second ByteLevel is not supported");
                }
                found = true;
                if (i + 1 < steps.size()) {
                    steps.set(i, new ByteLevel(step.prefixSpace(), step.byGpt2(), true));
                    spelled = true;
                }
            }
        }
        if (!found) {
            throw new TokenizerException(
                    file + ": pre_tokenizer: there is no ByteLevel; only byte-level tokenizers are supported");
        }
        return new PreTokenizer(steps, spelled);
    }

    private static void addSteps(@Nullable Settings preTokenizer, List<SplitStep> steps) {
        if (preTokenizer == null) {
            return;
        }
        checkCount(steps, preTokenizer);
        switch (preTokenizer.type()) {
            case "Sequence" -> preTokenizer.parts("pretokenizers").forEach(part -> addSteps(part, steps));
            case "Split" -> {
                var pattern = preTokenizer.part("pattern");
                String expression = pattern.has("String") ? escaped(literal(pattern)) : null;
                steps.add(new AtMatches(
                        expression == null ? expression(pattern) : Expression.known(expression),
                        behavior(preTokenizer),
                        preTokenizer.flag("invert", false)));
            }
            case "ByteLevel" ->
                steps.add(new ByteLevel(
                        preTokenizer.flag("add_prefix_space", false), preTokenizer.flag("use_regex", true), false));
            case "Digits" -> {
                boolean each = preTokenizer.flag("individual_digits", false);
                steps.add(new AtMatches(
                        Expression.known(PreTokenizerFamily.DIGIT_EXPRESSION),
                        each ? Behavior.ISOLATED : Behavior.CONTIGUOUS,
                        false));
            }
            case "Punctuation" -> {
                Behavior behavior = preTokenizer.has("behavior") ? behavior(preTokenizer) : Behavior.ISOLATED;
                steps.add(new AtMatches(Expression.known(PUNCTUATION), behavior, false));
            }
            case "Whitespace" -> steps.add(new AtMatches(Expression.known(WORDS), Behavior.REMOVED, true));
            case "WhitespaceSplit" -> steps.add(new AtMatches(Expression.known("\\s"), Behavior.REMOVED, false));
            default ->
                throw preTokenizer.unsupportedType(
                        "Sequence, Split, ByteLevel, Digits, Punctuation, Whitespace and WhitespaceSplit");
        }
    }

    private static void checkCount(List<?> steps, Settings settings) {
        if (steps.size() == MAX_STEPS) {
            throw settings.error("type", "more than " + MAX_STEPS + " steps are not supported");
        }
    }

    private static Behavior behavior(Settings step) {
        String name = step.string("behavior");
        for (Behavior behavior : Behavior.values()) {
            if (behavior.jsonName.equals(name)) {
                return behavior;
            }
        }
        throw step.error("behavior", quote(name) + " is not supported");
    }

    /** Reads {@code Regex}. */
    static Expression expression(Settings pattern) {
        String expression = pattern.string("Regex");
        try {
            return Expression.of(expression);
        } catch (OnigurumaSyntax.UnsupportedException e) {
            throw pattern.error(
                    "Regex", "the expression %s is not supported: %s".formatted(quote(expression), e.getMessage()));
        }
    }

    private static String literal(Settings pattern) {
        String literal = pattern.string("String");
        if (literal.isEmpty() || literal.length() > MAX_LITERAL) {
            throw pattern.error("String", "expected 1 to " + MAX_LITERAL + " characters, found " + literal.length());
        }
        return literal;
    }

    private static String escaped(String literal) {
        var escaped = new StringBuilder();
        literal.codePoints().forEach(c -> escaped.append(String.format(Locale.ROOT, "\\x{%X}", c)));
        return escaped.toString();
    }

    /** Reads {@code post_processor}: what it adds to a single text. */
    static Affixes affixes(@Nullable Settings postProcessor) {
        if (postProcessor == null) {
            return Affixes.NONE;
        }
        return switch (postProcessor.type()) {
            case "ByteLevel" -> Affixes.NONE;
            case "Sequence" -> {
                var affixes = Affixes.NONE;
                for (Settings processor : postProcessor.parts("processors")) {
                    var added = affixes(processor);
                    if (!affixes.all().isEmpty() && !added.all().isEmpty()) {
                        throw processor.error("type", "a second processor that adds tokens is not supported");
                    }
                    affixes = added.all().isEmpty() ? affixes : added;
                }
                yield affixes;
            }
            case "TemplateProcessing" -> template(postProcessor);
            case "BertProcessing", "RobertaProcessing" ->
                new Affixes(List.of(tokenId(postProcessor, "cls")), List.of(tokenId(postProcessor, "sep")));
            default ->
                throw postProcessor.unsupportedType(
                        "Sequence, ByteLevel, TemplateProcessing, BertProcessing and RobertaProcessing");
        };
    }

    private static Affixes template(Settings template) {
        var before = new ArrayList<Integer>();
        var after = new ArrayList<Integer>();
        boolean inText = true;
        for (Settings piece : template.parts("single")) {
            if (piece.has("SpecialToken")) {
                String token = piece.part("SpecialToken").string("id");
                var ids = template.part("special_tokens").part(token).integers("ids");
                (inText ? before : after).addAll(ids);
            } else {
                String sequence = piece.part("Sequence").string("id");
                if (!sequence.equals("A") || !inText) {
                    throw template.error("single", "expected the sequence A once and no other");
                }
                inText = false;
            }
        }
        if (inText) {
            throw template.error("single", "expected the sequence A, found none");
        }
        return new Affixes(before, after);
    }

    /** The id in a pair such as {@code ["</s>", 2]}. */
    private static int tokenId(Settings processor, String name) {
        if (processor.value(name) instanceof List<?> pair && pair.size() == 2 && pair.get(1) instanceof Integer id) {
            return id;
        }
        throw processor.error(name, "expected a token and its id");
    }

    /** Checks {@code decoder}: only the byte-level one, or none, can follow a byte-level pre-tokenizer. */
    static void checkDecoder(@Nullable Settings decoder) {
        if (decoder == null) {
            return;
        }
        switch (decoder.type()) {
            case "Sequence" -> decoder.parts("decoders").forEach(PipelineJson::checkDecoder);
            case "ByteLevel", "Fuse" -> {}
            default -> throw decoder.unsupportedType("Sequence, ByteLevel and Fuse");
        }
    }
}
