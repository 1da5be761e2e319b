"""Writes ggml-codes.txt: blocks of ggml's other types, the weights they stand for, and a digest of what random blocks decode to.

    python ggml_codes.py model-f16.gguf OUT.txt          with libggml-base.so.0 where the dynamic linker finds it

ggml itself encodes and decodes (ggml_quantize_chunk with every importance 1, and to_float of ggml_get_type_traits). PQ2_0 and PTQ1_0 are only in the
fork github.com/PrismML-Eng/llama.cpp, and IQ4_KS only in github.com/ikawrakow/ik_llama.cpp: they are done here, element by element, from the layout
of the structs in the ggml-common.h of these. IQ4_KS, whose rows have one scale, is written with this scale in front of every block.
"""

import ctypes
import hashlib
import math
import struct
import sys

TYPES = {
    16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S", 20: "IQ4_NL", 21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS", 29: "IQ1_M",
    34: "TQ1_0", 35: "TQ2_0", 39: "MXFP4", 40: "NVFP4", 41: "Q1_0", 42: "Q2_0",
}  # fmt: skip
WEIGHTS = 256
RANDOM_BLOCKS = 64
SEED = 20261130

# Of the demo model: the tensor and the first weight.
TENSOR, FIRST = "blk.0.ffn_down.weight", 256 * 17


def original(path):
    """The f16 weights, found by the tensor's entry: name, dimensions, type, offset."""
    data = open(path, "rb").read()
    name = TENSOR.encode()
    at = data.index(struct.pack("<Q", len(name)) + name) + 8 + len(name)
    dims = struct.unpack_from("<I", data, at)[0]
    kind, offset = struct.unpack_from("<IQ", data, at + 4 + 8 * dims)
    assert kind == 1
    start = data_start(data)
    return data[start + offset + 2 * FIRST : start + offset + 2 * (FIRST + WEIGHTS)]


def data_start(data):
    tensors, keys = struct.unpack_from("<QQ", data, 8)
    at = 24

    def value(at, kind):
        if kind == 8:
            return at + 8 + struct.unpack_from("<Q", data, at)[0]
        if kind == 9:
            element, count = struct.unpack_from("<IQ", data, at)
            at += 12
            for _ in range(count):
                at = value(at, element)
            return at
        return at + [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8][kind]

    for _ in range(keys):
        at = value(at, 8)
        at = value(at + 4, struct.unpack_from("<I", data, at)[0])
    for _ in range(tensors):
        at = value(at, 8)
        at += 4 + 8 * struct.unpack_from("<I", data, at)[0] + 4 + 8
    return -(-at // 32) * 32


def random_bytes(count):
    """What java.util.Random(SEED).nextBytes gives."""
    state = (SEED ^ 0x5DEECE66D) & ((1 << 48) - 1)
    out = bytearray()
    while len(out) < count:
        state = (state * 0x5DEECE66D + 0xB) & ((1 << 48) - 1)
        out += struct.pack("<I", state >> 16)
    return bytes(out[:count])


def digest(floats):
    """SHA-256 of the bits, little endian, with one NaN."""
    bits = [0x7FC00000 if (b & 0x7FFFFFFF) > 0x7F800000 else b for b in struct.unpack("<%dI" % (len(floats) // 4), floats)]
    return hashlib.sha256(struct.pack("<%dI" % len(bits), *bits)).hexdigest()


class Traits(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("weights", ctypes.c_int64),
        ("interleave", ctypes.c_int64),
        ("bytes", ctypes.c_size_t),
        ("quantized", ctypes.c_bool),
        ("to_float", ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)),
    ]


def by_ggml(weights):
    ggml = ctypes.CDLL("libggml-base.so.0")
    ggml.ggml_get_type_traits.restype = ctypes.POINTER(Traits)
    ggml.ggml_quantize_chunk.restype = ctypes.c_size_t
    ggml.ggml_quantize_chunk.argtypes = [ctypes.c_int] + [ctypes.c_void_p] * 2 + [ctypes.c_int64] * 3 + [ctypes.c_void_p]
    ones = (ctypes.c_float * WEIGHTS)(*[1.0] * WEIGHTS)
    floats = (ctypes.c_float * WEIGHTS)(*weights)
    for kind, name in TYPES.items():
        traits = ggml.ggml_get_type_traits(kind).contents
        blocks = ctypes.create_string_buffer(WEIGHTS // traits.weights * traits.bytes)
        assert ggml.ggml_quantize_chunk(kind, floats, blocks, 0, 1, WEIGHTS, ones) == len(blocks)

        def decode(data):
            count = len(data) // traits.bytes * traits.weights
            out = ctypes.create_string_buffer(4 * count)
            traits.to_float(data, out, count)
            return out.raw

        yield name, blocks.raw, decode(blocks.raw), digest(decode(random_bytes(RANDOM_BLOCKS * traits.bytes)))


def half(block, at):
    return struct.unpack_from("<e", block, at)[0]


def pq2_0(b):
    return [((b[2 + i // 4] >> 2 * (i % 4) & 3) - 1) * half(b, 0) for i in range(128)]


def ptq1_0(b):
    def trit(byte, n):
        return ((byte * 3**n % 256) * 3 >> 8) - 1

    trits = [trit(b[i % 16], i // 16) for i in range(80)]
    trits += [trit(b[16 + i % 8], i // 8) for i in range(40)]
    trits += [trit(b[24 + i % 2], i // 2) for i in range(8)]
    return [t * half(b, 26) for t in trits]


IQ4_KS_VALUES = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113]
IQ4_KS_VALUES += [-123, -100, -79, -61, -45, -31, -18, -6, 5, 17, 29, 42, 57, 73, 93, 117]


def f32(x):
    """Rounded to f32."""
    try:
        return struct.unpack("<f", struct.pack("<f", x))[0]
    except OverflowError:
        return math.copysign(math.inf, x)


def iq4_ks(b):
    d = struct.unpack_from("<f", b)[0]
    out = []
    for i in range(256):
        scale = b[4 + i // 32]
        code = b[12 + 16 * (i // 32) + i % 16] >> 4 * (i // 16 % 2) & 15
        out.append(f32(f32(d * ((scale & 254) - 127)) * IQ4_KS_VALUES[16 * (scale & 1) + code]))
    return out


def pack_iq4_ks(weights):
    """One tensor-wide step, the nearest of the two tables' integers for each run."""
    d = f32(max(map(abs, weights)) / 127 / 127)
    scales, codes = bytearray(), bytearray()
    for run in range(8):
        w = weights[32 * run : 32 * run + 32]
        best = None
        for s in range(256):
            step = d * ((s & 254) - 127)
            table = IQ4_KS_VALUES[16 * (s & 1) :][:16]
            picks = [min(range(16), key=lambda k: abs(x - step * table[k])) for x in w]
            error = sum((x - step * table[k]) ** 2 for x, k in zip(w, picks))
            if best is None or error < best[0]:
                best = error, s, picks
        scales.append(best[1])
        codes += bytes(best[2][j] | best[2][16 + j] << 4 for j in range(16))
    return struct.pack("<f", d) + bytes(scales) + bytes(codes)


def by_definition(weights):
    """Ternary weights d, 0 and -d with d of 2^-6 instead of the tensor's, as in files of these types."""
    ternary = [0 if abs(w) < 0.02 else (1 if w > 0 else -1) for w in weights]
    d = struct.pack("<e", 2**-6)

    def pack_pq2_0(t):
        return d + bytes(sum((t[4 * j + k] + 1) << 2 * k for k in range(4)) for j in range(32))

    def pack_ptq1_0(t):
        def byte(digits):
            number = 0
            for digit in digits + [-1] * (5 - len(digits)):
                number = 3 * number + digit + 1
            return -(-number * 256 // 243)

        out = [byte([t[16 * n + j] for n in range(5)]) for j in range(16)]
        out += [byte([t[80 + 8 * n + j] for n in range(5)]) for j in range(8)]
        out += [byte([t[120 + 2 * n + j] for n in range(4)]) for j in range(2)]
        return bytes(out) + d

    for name, size, pack, decode in [("PQ2_0", 34, pack_pq2_0, pq2_0), ("PTQ1_0", 28, pack_ptq1_0, ptq1_0)]:
        blocks = b"".join(pack(ternary[i : i + 128]) for i in range(0, WEIGHTS, 128))

        def floats(data):
            values = [w for i in range(0, len(data), size) for w in decode(data[i : i + size])]
            return struct.pack("<%df" % len(values), *values)

        assert floats(blocks) == struct.pack("<%df" % WEIGHTS, *[t * 2**-6 for t in ternary])
        yield name, blocks, floats(blocks), digest(floats(random_bytes(RANDOM_BLOCKS * size)))


def iq4_ks_by_definition(weights):
    def floats(data):
        values = [w for i in range(0, len(data), 140) for w in iq4_ks(data[i : i + 140])]
        return struct.pack("<%df" % len(values), *values)

    blocks = pack_iq4_ks(weights)
    yield "IQ4_KS", blocks, floats(blocks), digest(floats(random_bytes(RANDOM_BLOCKS * 140)))


def main(source, out):
    halves = original(source)
    weights = struct.unpack("<%de" % WEIGHTS, halves)
    with open(out, "w") as text:
        text.write(
            "# Blocks of %d weights of the demo model (demo-f16.gguf, %s from weight %d on) as ggml 0.27.0 (Debian) encodes them,\n"
            "# for PQ2_0 and PTQ1_0 of ternary weights, for IQ4_KS as ggml_codes.py does. The first line has the weights (f16, hex). The others: format, the blocks (hex), the weights\n"
            "# they decode to (f32, hex), SHA-256 of what %d blocks of the bytes of java.util.Random(%d) decode to (f32 with one NaN).\n"
            "# All little endian. Made by ggml_codes.py, which says what decodes.\n" % (WEIGHTS, TENSOR, FIRST, RANDOM_BLOCKS, SEED)
        )
        text.write(halves.hex() + "\n")
        for reference in by_ggml, by_definition, iq4_ks_by_definition:
            for name, blocks, decoded, sha in reference(weights):
                text.write(" ".join([name, blocks.hex(), decoded.hex(), sha]) + "\n")


main(*sys.argv[1:])
