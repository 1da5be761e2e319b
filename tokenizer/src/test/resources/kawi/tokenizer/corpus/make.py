"""Records what the Hugging Face tokenizers library does with variants of a small byte-level tokenizer.

    pip install tokenizers==0.23.2
    python3 make.py            writes base.json and corpus.json next to this file

base.json is a byte-level BPE tokenizer, trained without any splitting on the texts below, so that nearly every two
adjacent bytes merge and a difference in splitting shows in the ids. corpus.json has the texts and the variants: what
replaces parts of base.json, and for each text the index of its ids and of its decoded texts in a table per text.
"""
import copy
import json
import os

import tokenizers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

HERE = os.path.dirname(os.path.abspath(__file__))

TEXTS = [
    "",
    " ",
    "a",
    "  \t\n \r\n",
    "The quick brown fox doesn't jump; it'll sleep, they've said. I'M, WE'RE, you'D!",
    "Hello, world! How are you today? I'm fine, thanks.",
    "  two  leading spaces and trailing ones   ",
    "line one\nline two\r\nline three\n\n\n  indented\n\ttab\n",
    "spaces at the end of a line   \n   and at the start",
    "numbers: 1 12 123 1234 12345 1234567 3.14159 1,000,000 0x1F 2\u00b2 \u00bd \u2167 \u0661\u0662\u0663 \U0001d7d8\U0001d7d9",
    "camelCase XMLHttpRequest snake_case SCREAMING_CASE kebab-case HTMLParser2Go iPhone15Pro",
    "def f(x, *args, **kwargs):\n    return x[0] + x[1:] if x else None  # comment\n",
    "<div class=\"a b\">text &amp; more</div><br/>",
    "{\"key\": [1, 2.5, true, null], \"s\": \"a\\nb\"}",
    "https://example.org/path?q=1&r=a%20b#frag user@example.org",
    "na\u00efve caf\u00e9 \u00e0 la cr\u00e8me br\u00fbl\u00e9e \u00dcber stra\u00dfe \u00c5ngstr\u00f6m",
    "nai\u0308ve cafe\u0301 a\u0300 la cre\u0300me bru\u0302le\u0301e U\u0308ber A\u030angstro\u0308m",
    "e\u0301\u0323\u0301 o\u0323\u0302 \u1ed9 q\u0307\u0323 q\u0323\u0307 \u212b \u2126 \ufb01ne \ufb03x \u2460 \uff21\uff22\uff23 \u33a1",
    "\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440! \u0415\u0449\u0451 \u0440\u0430\u0437. \u0399 \u03ba\u03b1\u03bb\u03b7\u03bc\u03ad\u03c1\u03b1 \u039f\u0394\u039f\u03a3 \u0130stanbul",
    "\u4f60\u597d\uff0c\u4e16\u754c\uff01\u6211\u6709\uff13\u4e2a\u82f9\u679c\u3002 \u3053\u3093\u306b\u3061\u306f\u3001\u30ab\u30bf\u30ab\u30ca\u30fc \uac00\ub098\ub2e4 \u1112\u1161\u11ab\u1100\u1173\u11af",
    "\u0928\u092e\u0938\u094d\u0924\u0947 \u0926\u0941\u0928\u093f\u092f\u093e \u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35\u0e0a\u0e32\u0e27\u0e42\u0e25\u0e01 \u05e9\u05b8\u05c1\u05dc\u05d5\u05b9\u05dd \u0645\u064e\u0631\u0652\u062d\u064e\u0628\u064b\u0627",
    "\U0001f600 \U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f1ee\U0001f1f1 \u2764\ufe0f \U0001f44d\U0001f3fd 1\ufe0f\u20e3 \u263a\u263b",
    "\u00a0no-break\u00a0space\u2003em\u2009thin\u3000ideographic\u200bzero\u2028line\u2029para\u0085next\ufeffbom",
    "punctuation: ... !!! ?!? -- \u2014 \u2013 \u201cquoted\u201d \u2018single\u2019 (a) [b] {c} $5 +1 <= >= ^_^ `code` ~ | \u00a7 \u20ac \u00bf\u00a1 \u3001\u3002",
    "can't CAN'T cAn'T it's IT'S o'clock 'tis 'S 's'\u017f'll'LL 'ft \u212a'K rock'n'roll",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "                                                                      x",
    "\n\n\n\n\n\n\n\n\n\n\n\n",
    " a b  c   d    e     f",
    "a\n b\n  c\n   d",
    "the-final--countdown",
    "-start-- end-",
    "x_y_z __init__ a_1_b \u203f\u2040 under\uff3fscore",
    "control\u0000\u0001\u0007\u001b[0m\u007f\u009f chars",
    "\u200d\u200c joiners \u0644\u200d \u0915\u094d\u200d\u0937",
    "\u0301 a mark first, \u0301\u0323 two",
    "Day today DAY monday yesterday Yesterday",
    "hello helloworld hello_world hello-world (hello) hello",
    "the THE The theother other the",
    "<a><ab><abc><abcd> <a> <ab> <abc>x<abc",
    "x <l> y<l>z  <l>  <l> \n<l>",
    "x <r> y<r>z  <r>  <r> \n<r>  ",
    "x <lr> y<lr>z  <lr>  <lr> \n<lr>  <r>   <l>",
    "x <w> y<w>z <w>, (<w>) _<w> <w>1 \u00e9<w> <w>\u0301 <w>\u200d",
    "<w><w> <w><l><r> <r> <l>",
    "<s>Hello</s> <s> </s><pad>",
    "<|im_start|>user\nHi there<|im_end|>\n<|im_start|>assistant\n",
    "<\u00e9> <e\u0301> a<\u00e9>b <\u00c9> <E\u0301>",
    "\uff1cfull\uff1e <full> <FULL> \u2460<full>",
    "two words twowords  two  words two words",
    "!! what ! ever!",
    "    \u00a0  \u3000 <l>\u00a0\u3000<r>\u2003\u0085x",
    "\u1715\u08ca\u0301 \ua7ce\ua7d2 \u32ff \U0001e030 \U00011383 \ud7a3\u11a8 \u0344 \u0f73",
    "zz za az zzz \u007fz",
    "Roses are red,\r\nViolets are blue;\r\n\r\nTabs\tand\tspaces.\r",
    "(1+2)*3==9 && !x || y->z ?: a::b #include <stdio.h>",
    "1.\n2.\n10.\n - item\n * item\n",
    "\u00aa\u00ba\u00b5 \u00d7\u00f7 \u2190\u2192 \u2211\u222b \u25a0\u25cf \u2605",
]

SPECIAL = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}


def token(content, special=False, **flags):
    return {**SPECIAL, "content": content, "special": special, **flags}


def train():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=1400, min_frequency=1, max_token_length=12, show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(TEXTS * 2, trainer)
    base = json.loads(tokenizer.to_str())
    base["pre_tokenizer"] = split(QWEN35)
    return base


QWEN2 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN35 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*"
          r"|\s*[\r\n]+|\s+(?!\S)|\s+")
LLAMA3 = QWEN2.replace(r"|\p{N}|", r"|\p{N}{1,3}|")
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
O200K = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
TEKKEN = O200K.replace(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?", "").replace("{1,3}", "")
DEEPSEEK3 = (r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"""
             r"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
CL100K = (r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]"
          r"|\s+(?!\S)|\s+")
BYTES = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
BYTES_GPT2 = {**BYTES, "use_regex": True}


def step(expression, behavior="Isolated", invert=False, kind="Regex"):
    return {"type": "Split", "pattern": {kind: expression}, "behavior": behavior, "invert": invert}


def sequence(*steps):
    return {"type": "Sequence", "pretokenizers": list(steps)}


def split(*expressions):
    return sequence(*map(step, expressions), BYTES)


def variants(base):
    """Names with a patch: values that replace those of base.json, the key being a path."""
    def pre(name, value):
        yield "pre-tokenizer " + name, {"pre_tokenizer": value}

    def norm(name, value, **more):
        yield "normalizer " + name, {"normalizer": value, **more}

    yield "base", {}
    for name, expression in [("qwen2", QWEN2), ("llama3", LLAMA3), ("o200k", O200K), ("tekken", TEKKEN),
                             ("cl100k, possessive", CL100K), ("gpt2 as a split", GPT2)]:
        yield from pre(name, split(expression))
    yield from pre("seed-coder", split(QWEN2.replace(r"|\p{N}|", r"|\p{N}{1}|").replace(
        r"[^\s\p{L}\p{N}]+[\r\n]*", r"[^\s\p{L}\p{N}\r\n]+")))
    yield from pre("gpt2", BYTES_GPT2)
    yield from pre("gpt2 in a sequence", sequence(BYTES_GPT2))
    yield from pre("gpt2 with a prefix space", {**BYTES_GPT2, "add_prefix_space": True})
    yield from pre("without splitting", BYTES)
    yield from pre("nested sequences", sequence(sequence(step(QWEN2)), sequence(sequence(BYTES))))
    yield from pre("smollm", sequence({"type": "Digits", "individual_digits": True}, BYTES_GPT2))
    yield from pre("digits", sequence({"type": "Digits", "individual_digits": False}, BYTES))
    yield from pre("deepseek3", split(r"\p{N}{1,3}", "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+", DEEPSEEK3))
    yield from pre("deepseek coder", sequence(
        step("[\r\n]"), step(r"\s?\p{L}+"), step(r"\s?\p{P}+"), step("[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+"),
        {"type": "Digits", "individual_digits": True}, BYTES))
    yield from pre("deepseek", sequence(
        step("[\r\n]"), step("\\s?[A-Za-z\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u01ba]+"),
        step("\\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+"), step(r"\s+$"),
        {"type": "Digits", "individual_digits": True}, BYTES))
    yield from pre("falcon", sequence(
        {"type": "Punctuation", "behavior": "Contiguous"}, BYTES_GPT2, {"type": "Digits", "individual_digits": False},
        step("[0-9][0-9][0-9]")))
    yield from pre("bloom", split(" ?[^(\\s|[.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c])]+"))
    yield from pre("whitespace", sequence({"type": "Whitespace"}, BYTES))
    yield from pre("whitespace split", sequence({"type": "WhitespaceSplit"}, BYTES))
    yield from pre("punctuation, default", sequence({"type": "Punctuation"}, BYTES))
    for behavior in ["Isolated", "Removed", "MergedWithPrevious", "MergedWithNext", "Contiguous"]:
        yield from pre("punctuation " + behavior, sequence({"type": "Punctuation", "behavior": behavior}, BYTES))
        for invert in [False, True]:
            suffix = behavior + (" inverted" if invert else "")
            yield from pre("string " + suffix, sequence(step("-", behavior, invert, "String"), BYTES))
            yield from pre("expression " + suffix, sequence(step(r"\p{L}+|\d", behavior, invert), BYTES))
    yield from pre("literal with special characters", sequence(step("a.b|[c", kind="String"), BYTES))
    for expression in [r"\w+", r"\W", r"\S+", r"\D+", r"^\s*\S+", r"\S+$", r"\A.", r".\z", r".+", r"(?<=[a-z])(?=[A-Z]).",
                       r"(?<![a-z])[a-z]", r"[^\w\s]+", r"[\w&&[^a-m]]+", r"[a-c[x-z]]+", r"[^a-c[x-z]]", r"a{2,3}?", r" {2,}",
                       r"x{,2}y", r"(?>\s+)\S", r"(the|The)", r"(?i:THE|hello)", r"(?i:k|s)", r"[\p{Han}\p{Hiragana}]+",
                       r"\P{L}+", r"\p{^L}+", r"[\x41-\x5A]+", r"\u00e9", r"\x{1F600}", r"[-a]", r"[a\-z]", r"[a-]",
                       r"\s{8}(?!\S)|\s{4}(?!\S)|\s{2}(?!\S)|\s", r"'(?=s)s?", r"\p{Lu}?\p{Ll}+?", r"\t|\f|\v|\n|\r"]:
        yield from pre("split by " + expression, sequence(step(expression), BYTES))

    yield from norm("null", None)
    for form in ["NFC", "NFD", "NFKC", "NFKD", "Lowercase"]:
        yield from norm(form, {"type": form}, pre_tokenizer=split(QWEN2))
    yield from norm("empty sequence", {"type": "Sequence", "normalizers": []})
    yield from norm("sequence of one", {"type": "Sequence", "normalizers": [{"type": "NFC"}]})
    yield from norm("nested sequences", {"type": "Sequence", "normalizers": [
        {"type": "Sequence", "normalizers": [{"type": "NFKC"}]}, {"type": "Lowercase"}]})
    yield from norm("prepend", {"type": "Prepend", "prepend": "\u2581_"})
    yield from norm("replace string", {"type": "Replace", "pattern": {"String": "  "}, "content": "<>"})
    yield from norm("replace expression", {"type": "Replace", "pattern": {"Regex": r"\s{2,}|a+"}, "content": " "})
    yield from norm("replace and NFC", {"type": "Sequence", "normalizers": [
        {"type": "Replace", "pattern": {"String": "e"}, "content": "e\u0301"}, {"type": "NFC"}]})
    for left, right in [(True, True), (True, False), (False, True), (False, False)]:
        yield from norm(f"strip {left} {right}", {"type": "Strip", "strip_left": left, "strip_right": right})
    yield from norm("bytes", {"type": "ByteLevel"}, pre_tokenizer=None)
    yield from norm("bytes, then split", {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "ByteLevel"}]},
                    pre_tokenizer=step("\u0120?[a-z]+"))

    flags = [token("<l>", lstrip=True), token("<r>", rstrip=True), token("<lr>", lstrip=True, rstrip=True),
             token("<w>", single_word=True), token("<s>", True), token("</s>", True), token("<pad>", True)]
    overlapping = [token("<a>"), token("<ab>"), token("<abc>"), token("abc", normalized=True)]
    words = [token("hello", normalized=True), token("the", single_word=True), token("two words"), token("  ")]
    accents = [token("<\u00e9>", normalized=True), token("<e\u0301>"), token("Day", normalized=True), token("<full>", normalized=True)]

    def added(name, tokens, **more):
        yield "added tokens: " + name, {"added_tokens": tokens, **more}

    yield from added("flags", flags)
    yield from added("flags, normalized", [{**t, "normalized": True} for t in flags])
    yield from added("flags, mixed, NFC", [{**t, "normalized": i % 2 == 0} for i, t in enumerate(flags)],
                     normalizer={"type": "NFC"})
    yield from added("overlapping", overlapping)
    yield from added("overlapping, normalized", [{**t, "normalized": True} for t in overlapping])
    yield from added("words", words, normalizer={"type": "NFC"})
    for form in ["NFC", "NFD", "NFKC", "Lowercase"]:
        yield from added("accents, " + form, accents, normalizer={"type": form})
    yield from added("accents without normalizer", accents)
    yield from added("white space, left", [token("  ", lstrip=True), token("<l>", lstrip=True), token("\n")])
    yield from added("white space, right", [token(" ", rstrip=True), token("<r>", rstrip=True)])
    yield from added("prepend", flags + words, normalizer={"type": "Prepend", "prepend": "\u2581"})
    yield from added("prepend, normalized", [{**t, "normalized": True} for t in flags],
                     normalizer={"type": "Prepend", "prepend": "\u2581"})
    yield from added("replace", [token("<s>", normalized=True), token("two words", normalized=True)],
                     normalizer={"type": "Replace", "pattern": {"String": " "}, "content": "_"})
    yield from added("bytes", [token("hello", normalized=True), token("two words", normalized=True),
                               token("<r>", normalized=True, rstrip=True)],
                     normalizer={"type": "ByteLevel"}, pre_tokenizer=None)
    yield from added("of the vocabulary", [token("the", normalized=True), token("!", True), token("lo", single_word=True),
                                           token("\u0120a")])
    yield from added("with a prefix space", flags, pre_tokenizer={**BYTES_GPT2, "add_prefix_space": True})
    yield from added("chat", [token("<|im_start|>", True), token("<|im_end|>", True)], normalizer={"type": "NFC"})

    special = [token("<s>", True), token("</s>", True), token("<pad>", True)]
    first = len(base["model"]["vocab"])
    s, end, pad = first, first + 1, first + 2

    def special_tokens(*ids):
        names = {s: "<s>", end: "</s>", pad: "<pad>"}
        return {names[i]: {"id": names[i], "ids": [i], "tokens": [names[i]]} for i in ids}

    def template(single, tokens):
        pieces = [{"Sequence": {"id": "A", "type_id": 0}} if p == "A" else {"SpecialToken": {"id": p, "type_id": 0}}
                  for p in single.split()]
        pair = [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}]
        return {"type": "TemplateProcessing", "single": pieces, "pair": pair, "special_tokens": tokens}

    def post(name, value):
        yield "post-processor " + name, {"added_tokens": special, "post_processor": value}

    bytes_post = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False, "use_regex": True}
    yield from post("null", None)
    yield from post("bytes", bytes_post)
    yield from post("empty template", template("A", {}))
    yield from post("beginning", template("<s> A", special_tokens(s)))
    yield from post("both", template("<s> A </s> <pad>", special_tokens(s, end, pad)))
    several = {"x": {"id": "x", "ids": [s, pad], "tokens": ["<s>", "<pad>"]}}
    yield from post("several", template("x A", several))
    yield from post("sequence", {"type": "Sequence", "processors": [bytes_post, template("<s> A", special_tokens(s))]})
    yield from post("empty sequence", {"type": "Sequence", "processors": []})
    yield from post("roberta", {"type": "RobertaProcessing", "sep": ["</s>", end], "cls": ["<s>", s],
                                "trim_offsets": True, "add_prefix_space": False})
    yield from post("bert", {"type": "BertProcessing", "sep": ["</s>", end], "cls": ["<s>", s]})

    yield "merges as strings", {"model.merges": [" ".join(m) for m in base["model"]["merges"]]}
    yield "half of the merges", {"model.merges": base["model"]["merges"][::2][:150]}
    yield "half of the merges, ignored", {
        "model.merges": base["model"]["merges"][::2][:150], "model.ignore_merges": True, "pre_tokenizer": split(LLAMA3)}
    yield "merges twice", {"model.merges": base["model"]["merges"][:200] + base["model"]["merges"][100:0:-1]}
    yield "byte fallback without effect", {"model.byte_fallback": True, "model.dropout": 0.0, "model.unk_token": "a"}
    lacking = {t: i for t, i in base["model"]["vocab"].items() if not set(t) & set("z\u0100!x")}
    merges = [m for m in base["model"]["merges"] if m[0] in lacking and m[1] in lacking and "".join(m) in lacking]
    for fuse in [False, True]:
        yield f"unknown bytes, fused: {fuse}", {
            "model.vocab": lacking, "model.merges": merges, "model.unk_token": "a", "model.fuse_unk": fuse}
    holes = {t: i * 3 for t, i in base["model"]["vocab"].items()}
    yield "holes", {"model.vocab": holes}
    yield "decoder sequence", {"decoder": {"type": "Sequence", "decoders": [base["decoder"], {"type": "Fuse"}]}}
    yield "truncation and padding", {
        "truncation": None, "padding": {"strategy": {"Fixed": 0}, "direction": "Right", "pad_to_multiple_of": None,
                                        "pad_id": 0, "pad_type_id": 0, "pad_token": "a"}}


def patched(base, patch):
    result = copy.deepcopy(base)
    for path, value in patch.items():
        target = result
        *parents, name = path.split(".")
        for parent in parents:
            target = target[parent]
        target[name] = value
    return result


def main():
    base = train()
    names, table = [], [{"text": text, "results": []} for text in TEXTS]
    for name, patch in variants(base):
        patch = copy.deepcopy(patch)
        if "added_tokens" in patch:
            # The ids that the library gives: that of the model's vocabulary, or the next one.
            free = len(base["model"]["vocab"])
            for t in patch["added_tokens"]:
                known = base["model"]["vocab"].get(t["content"])
                t["id"], free = (known, free) if known is not None else (free, free + 1)
        tokenizer = Tokenizer.from_str(json.dumps(patched(base, patch)))
        # The library decodes added tokens to their normalized text, the characters of which it reads as bytes; Kawi
        # decodes them to their text.
        decodes = all(ord(c) < 0x80 for t in patch.get("added_tokens", []) for c in t["content"])
        if patch.get("normalizer") is not None and any(t["normalized"] for t in patch.get("added_tokens", [])):
            decodes = decodes and patch["normalizer"]["type"] == "NFC"
        indices = []
        for entry in table:
            ids = tokenizer.encode(entry["text"]).ids
            result = {"ids": ids}
            if decodes:
                result["decoded"] = tokenizer.decode(ids, skip_special_tokens=False)
                skipped = tokenizer.decode(ids, skip_special_tokens=True)
                if skipped != result["decoded"]:
                    result["without_special"] = skipped
                if result["decoded"] == entry["text"]:
                    result["decoded"] = None
            if result not in entry["results"]:
                entry["results"].append(result)
            indices.append(entry["results"].index(result))
        names.append({"name": name, "patch": patch, "results": indices})
    origin = f"tokenizers {tokenizers.__version__}, make.py"
    with open(os.path.join(HERE, "base.json"), "w") as out:
        json.dump(base, out, ensure_ascii=True, separators=(",", ":"))
        out.write("\n")
    with open(os.path.join(HERE, "corpus.json"), "w") as out:
        out.write('{"origin":' + json.dumps(origin) + ',\n"texts":[\n')
        out.write(",\n".join(json.dumps(e, separators=(",", ":")) for e in table))
        out.write('\n],"variants":[\n')
        out.write(",\n".join(json.dumps(v, separators=(",", ":")) for v in names))
        out.write("\n]}\n")
    print(len(TEXTS), "texts,", len(names), "variants")


main()
