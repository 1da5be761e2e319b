"""Writes ggml-blocks.txt: blocks that llama-quantize made, and the weights they stand for.

    llama-quantize --pure model-f16.gguf model-Q4_K_S.gguf Q4_K_S         (and the other types)
    python ggml_blocks.py model-f16.gguf OUT.txt model-*.gguf

The decoders here are written from the layout of ggml's block structs (ggml-common.h), element by element, in f32 and in the
order of ggml's reference dequantizers; they share nothing with the Java code that is tested with their output.
"""

import pathlib
import struct
import sys

import numpy as np

f32 = np.float32


class Gguf:
    def __init__(self, path):
        self.data = pathlib.Path(path).read_bytes()
        assert self.data[:4] == b"GGUF"
        self.at = 8
        tensors, keys = self.take("<Q"), self.take("<Q")
        alignment = 32
        for _ in range(keys):
            key = self.string()
            value = self.value(self.take("<I"))
            if key == "general.alignment":
                alignment = value
        found = []
        for _ in range(tensors):
            name = self.string()
            dims = [self.take("<Q") for _ in range(self.take("<I"))]
            found.append((name, int(np.prod(dims)), self.take("<I"), self.take("<Q")))
        base = -(-self.at // alignment) * alignment
        self.tensors = {name: (weights, kind, base + offset) for name, weights, kind, offset in found}

    def take(self, form):
        value = struct.unpack_from(form, self.data, self.at)[0]
        self.at += struct.calcsize(form)
        return value

    def string(self):
        size = self.take("<Q")
        self.at += size
        return self.data[self.at - size : self.at].decode()

    def value(self, kind):
        if kind == 8:
            return self.string()
        if kind == 9:
            element, count = self.take("<I"), self.take("<Q")
            return [self.value(element) for _ in range(count)]
        return self.take("<" + "BbHhIif?  Qqd"[kind])


def half(block, at):
    return f32(np.frombuffer(block, "<f2", 1, at)[0])


def q4_0(b):
    d = half(b, 0)
    return [f32((b[2 + i % 16] >> (4 * (i // 16)) & 15) - 8) * d for i in range(32)]


def q4_1(b):
    d, m = half(b, 0), half(b, 2)
    return [f32(b[4 + i % 16] >> (4 * (i // 16)) & 15) * d + m for i in range(32)]


def q5_0(b):
    d = half(b, 0)
    fifth = int.from_bytes(b[2:6], "little")
    return [f32(((b[6 + i % 16] >> (4 * (i // 16)) & 15) | (fifth >> i & 1) << 4) - 16) * d for i in range(32)]


def q5_1(b):
    d, m = half(b, 0), half(b, 2)
    fifth = int.from_bytes(b[4:8], "little")
    return [f32((b[8 + i % 16] >> (4 * (i // 16)) & 15) | (fifth >> i & 1) << 4) * d + m for i in range(32)]


def q8_0(b):
    d = half(b, 0)
    return [f32(q) * d for q in np.frombuffer(b, "i1", 32, 2)]


def q2_k(b):
    d, dmin = half(b, 80), half(b, 82)
    out = []
    for i in range(256):
        scale = b[i // 16]
        q = b[16 + 32 * (i // 128) + i % 32] >> (2 * (i // 32 % 4)) & 3
        out.append(d * f32(scale & 15) * f32(q) - dmin * f32(scale >> 4))
    return out


def q3_k(b):
    d = half(b, 108)
    out = []
    for i in range(256):
        run = i // 16
        low = b[96 + run % 8] >> (4 * (run // 8)) & 15
        high = b[104 + run % 4] >> (2 * (run // 4)) & 3
        q = b[32 + 32 * (i // 128) + i % 32] >> (2 * (i // 32 % 4)) & 3
        third = b[i % 32] >> (i // 32) & 1
        out.append(d * f32((low | high << 4) - 32) * f32(q - (0 if third else 4)))
    return out


def scale_min_k4(j, s):
    if j < 4:
        return s[j] & 63, s[j + 4] & 63
    return (s[j + 4] & 15) | (s[j - 4] >> 6) << 4, (s[j + 4] >> 4) | (s[j] >> 6) << 4


def q4_k(b):
    d, dmin = half(b, 0), half(b, 2)
    out = []
    for i in range(256):
        s, m = scale_min_k4(i // 32, b[4:16])
        q = b[16 + 32 * (i // 64) + i % 32] >> (4 * (i // 32 % 2)) & 15
        out.append(d * f32(s) * f32(q) - dmin * f32(m))
    return out


def q5_k(b):
    d, dmin = half(b, 0), half(b, 2)
    out = []
    for i in range(256):
        s, m = scale_min_k4(i // 32, b[4:16])
        q = b[48 + 32 * (i // 64) + i % 32] >> (4 * (i // 32 % 2)) & 15
        fifth = b[16 + i % 32] >> (i // 32) & 1
        out.append(d * f32(s) * f32(q + 16 * fifth) - dmin * f32(m))
    return out


def q6_k(b):
    d = half(b, 208)
    scales = np.frombuffer(b, "i1", 16, 192)
    out = []
    for i in range(256):
        part, j = i // 128, i % 32
        quarter = i // 32 % 4
        low = b[64 * part + 32 * (quarter % 2) + j] >> (4 * (quarter // 2)) & 15
        high = b[128 + 32 * part + j] >> (2 * quarter) & 3
        out.append(d * f32(scales[i // 16]) * f32((low | high << 4) - 32))
    return out


FORMATS = {
    2: ("Q4_0", 32, 18, q4_0),
    3: ("Q4_1", 32, 20, q4_1),
    6: ("Q5_0", 32, 22, q5_0),
    7: ("Q5_1", 32, 24, q5_1),
    8: ("Q8_0", 32, 34, q8_0),
    10: ("Q2_K", 256, 84, q2_k),
    11: ("Q3_K", 256, 110, q3_k),
    12: ("Q4_K", 256, 144, q4_k),
    13: ("Q5_K", 256, 176, q5_k),
    14: ("Q6_K", 256, 210, q6_k),
}

# Of the demo model: tensor, first weight. WEIGHTS of each are written.
PLACES = [("blk.0.ffn_down.weight", 256 * 17), ("token_embd.weight", 256 * 331)]
WEIGHTS = 256


def main(source, out, files):
    original = Gguf(source)
    with open(out, "w") as text:
        text.write(
            "# Blocks of the demo model (demo-f16.gguf) as llama-quantize --pure wrote them, llama.cpp 0.7.0 with ggml 0.27.0 (Debian).\n"
            "# One line: format, the %d weights before quantization (f16, hex), the blocks (hex), the weights they decode to (f32, hex),\n"
            "# all little endian; decoded by ggml_blocks.py, which is also what made this file.\n" % WEIGHTS
        )
        for path in files:
            gguf = Gguf(path)
            for name, first in PLACES:
                weights, kind, at = gguf.tensors[name]
                title, size, width, decode = FORMATS[kind]
                blocks = gguf.data[at + first // size * width : at + (first + WEIGHTS) // size * width]
                decoded = np.concatenate([decode(blocks[i : i + width]) for i in range(0, len(blocks), width)]).astype("<f4")
                at = original.tensors[name][2] + 2 * first
                before = original.data[at : at + 2 * WEIGHTS]
                error = decoded - np.frombuffer(before, "<f2").astype(f32)
                print(title, name, "rmse", float(np.sqrt(np.mean(error**2))), "of", float(np.std(decoded)))
                text.write(" ".join([title, before.hex(), blocks.hex(), decoded.tobytes().hex()]) + "\n")


main(sys.argv[1], sys.argv[2], sys.argv[3:])
