"""Makes the image files of this folder, and what Pillow reads in them: NAME.png for NAME.*, as
ImageOps.exif_transpose(image).convert("RGB"), and for films NAME.I.png of each frame I.

Usage: python make_image_fixtures.py FOLDER; made with Pillow 12.3.0 and numpy 2.4.6.
"""
import io, os, struct, sys, zlib
import numpy as np
from PIL import Image, ImageOps

out = sys.argv[1]
rng = np.random.default_rng(13)


def picture(w, h, channels=3):
    """Smooth colours, a few edges and some noise."""
    y, x = np.mgrid[0:h, 0:w]
    planes = [127 + 100 * np.sin(x / (5 + 3 * c) + y / (9 - 2 * c) + c) for c in range(channels)]
    a = np.stack(planes, -1) + rng.normal(0, 6, (h, w, channels))
    a[h // 4:h // 2, w // 3:w // 2] = 240 - 60 * np.arange(channels)
    return np.clip(a, 0, 255).astype(np.uint8)


def write(name, data):
    with open(os.path.join(out, name), "wb") as f:
        f.write(data)


def expect(name, image):
    ImageOps.exif_transpose(image).convert("RGB").save(os.path.join(out, name + ".expected.png"))


def case(name, data, expected=None):
    write(name, data)
    expect(name, expected or Image.open(io.BytesIO(data)))


def saved(image, format, **options):
    b = io.BytesIO()
    image.save(b, format, **options)
    return b.getvalue()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def png(samples, color, bits, interlaced=False, extra=b""):
    """A PNG file of [h, w, n] samples with random filters, for the kinds that Pillow does not write."""
    h, w, n = samples.shape
    bpp = max(1, n * bits // 8)

    def rows(s):
        raw, last = b"", None
        for row in s:
            if bits == 16: line = row.astype(">u2").tobytes()
            elif bits == 8: line = row.astype(np.uint8).tobytes()
            else:
                b = "".join(format(int(v), f"0{bits}b") for v in row.reshape(-1)); b += "0" * (-len(b) % 8)
                line = bytes(int(b[i:i + 8], 2) for i in range(0, len(b), 8))
            f = int(rng.integers(0, 3)); cur = np.frombuffer(line, np.uint8).astype(int)
            up = np.zeros_like(cur) if last is None else last
            left = np.concatenate([np.zeros(bpp, int), cur[:-bpp]]) if len(cur) > bpp else np.zeros_like(cur)
            raw += bytes([f]) + (((cur - (left if f == 1 else up if f == 2 else 0)) & 255).astype(np.uint8).tobytes())
            last = cur
        return raw
    if interlaced: raw = b"".join(rows(samples[y::dy, x::dx]) for x, y, dx, dy in ADAM7 if samples[y::dy, x::dx].size)
    else: raw = rows(samples)
    head = struct.pack(">IIBBBBB", w, h, bits, color, 0, 0, int(interlaced))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")


rgb, rgba = picture(37, 23), picture(37, 23, 4)
palette = bytes(rng.integers(0, 256, 768, dtype=np.uint8))
for bits in (1, 2, 4, 8):
    grey = (rgb[:, :, :1].astype(int) >> (8 - bits))
    case(f"grey{bits}.png", png(grey, 0, bits))
    case(f"palette{bits}.png", png(grey, 3, bits, extra=chunk(b"PLTE", palette[:3 << bits])))
case("palette8-transparent.png", png(rgb[:, :, :1].astype(int), 3, 8, extra=chunk(b"PLTE", palette) + chunk(b"tRNS", bytes(range(0, 256, 2)))))
case("grey8-interlaced.png", png(rgb[:, :, :1].astype(int), 0, 8, True))
case("palette2-interlaced.png", png(rgb[:, :, :1].astype(int) >> 6, 3, 2, True, extra=chunk(b"PLTE", palette[:12])))
case("rgb8-interlaced.png", png(rgb.astype(int), 2, 8, True))
case("rgb8-transparent-color.png", png(rgb.astype(int), 2, 8, extra=chunk(b"tRNS", struct.pack(">HHH", 240, 180, 120))))
case("rgba8.png", png(rgba.astype(int), 6, 8))
case("rgba8-interlaced.png", png(rgba.astype(int), 6, 8, True))
case("greyalpha8.png", png(rgba[:, :, :2].astype(int), 4, 8))
wide = rng.integers(0, 65536, (23, 37, 4))
# Pillow saturates grey samples of 16 bits; the upper 8 bits are expected, as it reads of the other kinds.
case("grey16.png", png(wide[:, :, :1], 0, 16), Image.fromarray((wide[:, :, 0] >> 8).astype(np.uint8)))
case("rgb16.png", png(wide[:, :, :3], 2, 16))
case("rgb16-interlaced.png", png(wide[:, :, :3], 2, 16, True))
case("rgba16.png", png(wide, 6, 16))
case("greyalpha16.png", png(wide[:, :, :2], 4, 16))
case("gamma-and-profile.png", png(rgb.astype(int), 2, 8, extra=chunk(b"gAMA", struct.pack(">I", 100000)) + chunk(b"iCCP", b"p\0\0" + zlib.compress(b"not a profile" * 50)) + chunk(b"zTXt", b"k\0\0" + zlib.compress(b"x" * 1_000_000))))

exif = Image.Exif(); exif[0x0112] = 6
photo = Image.fromarray(picture(45, 30))
case("orientation.png", saved(photo, "PNG", exif=exif))
for o in range(1, 9):
    e = Image.Exif(); e[0x0112] = o
    case(f"orientation{o}.jpg", saved(photo, "JPEG", quality=90, exif=e))
for name, options in {"baseline444": dict(subsampling=0), "baseline422": dict(subsampling=1), "baseline420": dict(subsampling=2),
                      "progressive420": dict(progressive=True), "progressive444": dict(progressive=True, subsampling=0), "quality10": dict(quality=10),
                      "restarts": dict(restart_marker_blocks=2), "optimized": dict(optimize=True), "keep-rgb": dict(keep_rgb=True, subsampling=0)}.items():
    case(name + ".jpg", saved(photo, "JPEG", **options))
case("grey.jpg", saved(photo.convert("L"), "JPEG"))
case("grey-progressive.jpg", saved(photo.convert("L"), "JPEG", progressive=True))
cmyk = Image.fromarray(picture(45, 30, 4), "CMYK")
plain = saved(cmyk, "JPEG", quality=95)
case("cmyk.jpg", plain)
at = plain.index(b"Adobe")
case("ycck.jpg", plain[:at + 11] + b"\2" + plain[at + 12:])
case("cmyk-without-adobe.jpg", plain[:at - 4] + plain[at + 12:])
case("profile.jpg", saved(photo, "JPEG", icc_profile=b"not a profile" * 20))
# Pillow does not read a file without an end marker.
case("comment-and-no-end.jpg", saved(photo, "JPEG", comment=b"a comment")[:-2], Image.open(io.BytesIO(saved(photo, "JPEG"))))

for mode in ("1", "L", "P", "RGB"):
    im = photo.convert(mode)
    case(f"mode-{mode}.bmp", saved(im, "BMP"))
rle = b"".join(bytes([5, i % 16, 0, 3, 1, 2, 3, 0]) + bytes([8, i]) + b"\0\0" for i in range(16)) + b"\0\1"
pal = bytes(v for i in range(256) for v in (i, 255 - i, i // 2, 0))
case("rle8.bmp", b"BM" + struct.pack("<IHHI", 54 + 1024 + len(rle), 0, 0, 1078) + struct.pack("<IiiHHIIiiII", 40, 16, 16, 1, 8, 1, len(rle), 0, 0, 256, 256) + pal + rle)
top = rgb[:, :, ::-1]; rows = b"".join(r.tobytes() + b"\0" * (-len(r.tobytes()) % 4) for r in top)
case("top-down.bmp", b"BM" + struct.pack("<IHHI", 54 + len(rows), 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, 37, -23, 1, 24, 0, len(rows), 0, 0, 0, 0) + rows)
case("os2.bmp", b"BM" + struct.pack("<IHHI", 26 + len(rows), 0, 0, 26) + struct.pack("<IHHHH", 12, 37, 23, 1, 24) + rows)

case("palette.gif", saved(photo.quantize(64), "GIF"))
case("grey.gif", saved(photo.convert("L"), "GIF", interlace=1))
case("transparent.gif", saved(photo.quantize(8), "GIF", transparency=3, interlace=0))

for name, im in {"rgb": photo, "grey": photo.convert("L"), "palette": photo.quantize(32), "bilevel": photo.convert("1"), "cmyk": cmyk, "rgba": Image.fromarray(picture(45, 30, 4), "RGBA")}.items():
    case(f"{name}.tif", saved(im, "TIFF"))
    case(f"{name}-lzw.tif", saved(im, "TIFF", compression="tiff_lzw"))
rgba = saved(Image.open(os.path.join(out, "rgba.tif")), "TIFF")
case("premultiplied.tif", rgba.replace(struct.pack("<HHIHH", 338, 3, 1, 2, 0), struct.pack("<HHIHH", 338, 3, 1, 1, 0)))
case("deflate.tif", saved(photo, "TIFF", compression="tiff_adobe_deflate"))
case("packbits.tif", saved(photo, "TIFF", compression="packbits"))
case("group4.tif", saved(photo.convert("1"), "TIFF", compression="group4"))
case("orientation.tif", saved(photo, "TIFF", exif=exif, tiffinfo={274: 6}))
case("two-pages.tif", saved(photo, "TIFF", save_all=True, append_images=[photo.rotate(90)]))
case("jpeg.tif", saved(photo, "TIFF", compression="jpeg"))

alpha = Image.fromarray(picture(45, 30, 4), "RGBA")
case("lossless.webp", saved(photo, "WEBP", lossless=True))
case("lossless-alpha.webp", saved(alpha, "WEBP", lossless=True, exact=True))
case("lossy.webp", saved(photo, "WEBP", quality=90))
case("lossy-alpha.webp", saved(alpha, "WEBP", quality=90, exact=True))
for w, h, q, m in ((1, 1, 50, 0), (2, 1, 50, 4), (16, 16, 0, 6), (17, 33, 30, 0), (15, 64, 75, 6), (64, 47, 100, 2), (90, 70, 5, 4)):
    case(f"lossy-{w}x{h}.webp", saved(Image.fromarray(picture(w, h)), "WEBP", quality=q, method=m))
for w, h, colors in ((1, 1, 2), (33, 9, 2), (30, 21, 4), (29, 31, 16), (64, 40, 200)):
    few = Image.fromarray(picture(w, h)).quantize(colors).convert("RGB")
    case(f"lossless-{w}x{h}.webp", saved(few, "WEBP", lossless=True, method=colors % 7))
case("lossless-noise.webp", saved(Image.fromarray(rng.integers(0, 256, (40, 50, 3), dtype=np.uint8)), "WEBP", lossless=True))
case("orientation.webp", saved(photo, "WEBP", lossless=True, exif=exif))


def film(name, frames, **options):
    data = saved(frames[0], name.rsplit(".")[-1].upper(), save_all=True, append_images=frames[1:], **options)
    write(name, data)
    im = Image.open(io.BytesIO(data))
    for i in range(im.n_frames):
        im.seek(i)
        im.convert("RGB").save(os.path.join(out, f"{name}.{i}.expected.png"))
    print(name, im.n_frames)


def ball(i, background):
    a = background.copy(); a[5 + i:12 + i, 4 + 5 * i:12 + 5 * i] = (220, 40 * i, 30)
    return Image.fromarray(a)


ground = picture(40, 28) // 64 * 64
frames = [ball(i, ground) for i in range(5)]
for disposal in (0, 1, 2, 3):
    film(f"disposal{disposal}.gif", frames, duration=[100, 200, 0, 50, 300], disposal=disposal)
clear = [Image.fromarray(np.dstack([np.asarray(f), np.where(np.asarray(f)[:, :, 0] == 220, 255, 0).astype(np.uint8)]), "RGBA") for f in frames]
film("transparent-frames.gif", clear, duration=100, disposal=2)
film("lossless-film.webp", frames, duration=[100, 200, 70, 50, 300], lossless=True)
film("blended-film.webp", [Image.fromarray(picture(40, 28, 4), "RGBA") for _ in range(4)], duration=80, lossless=True, exact=True)
for quality in (30, 90):
    film(f"lossy-film{quality}.webp", clear, duration=80, quality=quality, alpha_quality=quality)


def lossless_jpeg(a):
    """A lossless JPEG file (SOF3) of [h, w] samples, which the JDK does not read: predictor 1, categories of 4 bits."""
    h, w = a.shape; v = a.astype(int); bits = ""
    for y in range(h):
        for x in range(w):
            d = v[y, x] - (v[y, x - 1] if x else v[y - 1, 0] if y else 128)
            n = int(abs(d)).bit_length(); bits += format(n, "04b") + (format(d if d > 0 else d + (1 << n) - 1, f"0{n}b") if n else "")
    bits += "1" * (-len(bits) % 8)
    data = bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8)).replace(b"\xff", b"\xff\0")
    seg = lambda m, d: bytes([255, m]) + struct.pack(">H", len(d) + 2) + d
    return (b"\xff\xd8" + seg(0xc3, struct.pack(">BHHB", 8, h, w, 1) + b"\1\x11\0") + seg(0xc4, b"\0" + bytes([0, 0, 0, 9] + [0] * 12) + bytes(range(9)))
            + seg(0xda, b"\1\1\0\1\0\0") + data + b"\xff\xd9")


grey = picture(20, 14)[:, :, 0]
# Pillow does not read it either.
case("lossless.jpg", lossless_jpeg(grey), Image.fromarray(grey))
