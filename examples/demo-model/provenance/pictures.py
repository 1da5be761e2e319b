#!/usr/bin/env python3
"""Generates the pictures of the vision demo model, with questions and answers in plain English.

    python pictures.py OUT [--count N] [--seed S]     writes N pictures as PNG files and their questions as questions.json

A scene is a dictionary that describes a picture; `draw` returns its pixels and `questions` all questions that it answers.
Needs Pillow and numpy. Digits are drawn with our own strokes, Pillow's built-in font and those of FONTS that are installed.
"""
import argparse, colorsys, io, json, math, random
from pathlib import Path
import numpy as np
from PIL import Image, ImageDraw, ImageFont

SHAPES = ["circle", "square", "triangle", "star", "heart", "cross"]
COLORS = ["red", "green", "blue", "yellow", "orange", "purple", "black", "white"]
GROUNDS = ["white", "black", "gray", "yellow", "blue", "green"]
KINDS = ["one", "same", "pair", "digit", "bars"]
NUMBERS = ["no", "one", "two", "three", "four", "five", "six"]
FONTS = ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSerif.ttf", "DejaVuSansMono.ttf", "DejaVuSansCondensed-Bold.ttf", "DejaVuSerif-Bold.ttf"]
MIN_PIXELS, MAX_PIXELS, FACTOR = 4096, 9216, 32


# ---------------------------------------------------------------- colors

HUES = {"red": (-10, 8), "orange": (22, 42), "yellow": (51, 63), "green": (95, 145), "blue": (205, 245), "purple": (268, 300)}


def shade(r, name):
    """A random shade of a named color, as RGB in 0..1."""
    if name == "black":
        return (r.uniform(0, 0.12),) * 3
    if name == "white":
        return (r.uniform(0.95, 1),) * 3 if r.random() < 0.5 else (1.0,) * 3
    if name == "gray":
        return (r.uniform(0.42, 0.72),) * 3
    if r.random() < 0.12:
        pure = {"red": (1, 0, 0), "green": r.choice([(0, 1, 0), (0, 0.5, 0)]), "blue": (0, 0, 1), "yellow": (1, 1, 0), "orange": r.choice([(1, 0.65, 0), (1, 0.78, 0)]),
                "purple": r.choice([(0.5, 0, 0.5), (0.63, 0.13, 0.94)])}
        return tuple(map(float, pure[name]))
    h = r.uniform(*HUES[name]) % 360 / 360
    if name in ("yellow", "orange"):
        return colorsys.hsv_to_rgb(h, r.uniform(0.75, 1), r.uniform(0.88, 1))
    return colorsys.hsv_to_rgb(h, r.uniform(0.65, 1), r.uniform(0.5 if name in ("green", "purple") else 0.65, 1))


def ground(r):
    """Background: its name, or None if no question should be asked about it, and its color."""
    x = r.random()
    if x < 0.45:
        return "white", (1.0,) * 3 if r.random() < 0.7 else shade(r, "white")
    if x < 0.80:
        name = r.choice(GROUNDS[1:])
        return name, shade(r, name)
    return None, tuple(r.uniform(0.78, 1) for _ in range(3))           # a pale tint


def apart(a, b):
    """Perceived difference of two colors, weighted as luminance is."""
    return math.sqrt(sum(w * (x - y) ** 2 for w, x, y in zip((0.9, 1.4, 0.7), a, b)))


def paint(r, back, taken=()):
    """A named color that is visible on the background (name, RGB)."""
    while True:
        name = r.choice(COLORS)
        if name == back[0] or name in taken or (back[0] is None and name == "white"):
            continue
        rgb = shade(r, name)
        if apart(rgb, back[1]) > 0.33:
            return name, rgb


# ---------------------------------------------------------------- shapes, as polygons within the unit square -1..1

def outline(r, shape):
    if shape == "circle":
        return [(math.cos(t), math.sin(t)) for t in np.linspace(0, 2 * math.pi, 41)[:-1]]
    if shape == "square":
        return turn([(-1, -1), (1, -1), (1, 1), (-1, 1)], r.gauss(0, 3) if r.random() < 0.5 else 0, 0.86)
    if shape == "triangle":
        top = r.choice([0, 0, 0, r.uniform(-1, 1)])
        p = [(top, -0.9), (1, 0.85), (-1, 0.85)]
        return turn(p, r.gauss(0, 6) if r.random() < 0.8 else r.choice([90, 180, 270]) + r.gauss(0, 5))
    if shape == "star":
        n, inner = r.choice([5, 5, 5, 5, 6]), r.uniform(0.38, 0.5)
        p = [(math.sin(i * math.pi / n) * (1 if i % 2 == 0 else inner), -math.cos(i * math.pi / n) * (1 if i % 2 == 0 else inner)) for i in range(2 * n)]
        return turn(p, r.gauss(0, 8))
    if shape == "heart":
        p = [(16 * math.sin(t) ** 3 / 17, -(13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)) / 17 - 0.1) for t in np.linspace(0, 2 * math.pi, 41)[:-1]]
        return turn(p, r.gauss(0, 5))
    w = r.uniform(0.24, 0.38)                                          # a cross
    p = [(-w, -1), (w, -1), (w, -w), (1, -w), (1, w), (w, w), (w, 1), (-w, 1), (-w, w), (-1, w), (-1, -w), (-w, -w)]
    return turn(p, r.gauss(0, 4))


def turn(points, degrees, scale=1.0):
    c, s = math.cos(math.radians(degrees)) * scale, math.sin(math.radians(degrees)) * scale
    return [(x * c - y * s, x * s + y * c) for x, y in points]


# ---------------------------------------------------------------- digits, as strokes within 0..1 x 0..1

def arc(cx, cy, rx, ry, a, b, n=14):
    return [(cx + rx * math.cos(math.radians(t)), cy + ry * math.sin(math.radians(t))) for t in np.linspace(a, b, n)]


STROKES = {
    "0": [[arc(0.5, 0.5, 0.42, 0.5, 0, 360, 28)]],
    "1": [[[(0.25, 0.22), (0.55, 0), (0.55, 1)]], [[(0.5, 0), (0.5, 1)]], [[(0.2, 0.25), (0.55, 0), (0.55, 1)], [(0.2, 1), (0.9, 1)]]],
    "2": [[arc(0.5, 0.3, 0.42, 0.3, 190, 380) + [(0.08, 1), (0.95, 1)]]],
    "3": [[arc(0.45, 0.26, 0.4, 0.26, 200, 450), arc(0.45, 0.74, 0.45, 0.26, 270, 520)], [[(0.08, 0), (0.9, 0), (0.45, 0.42)] + arc(0.45, 0.7, 0.45, 0.3, 270, 510)]],
    "4": [[[(0.95, 0.68), (0.05, 0.68), (0.7, 0), (0.7, 1)]], [[(0.12, 0), (0.12, 0.5), (0.88, 0.5)], [(0.78, 0), (0.78, 1)]]],
    "5": [[[(0.88, 0), (0.2, 0), (0.14, 0.45)] + arc(0.45, 0.67, 0.45, 0.33, 240, 510)]],
    "6": [[[(0.75, 0.02), (0.3, 0.3)] + arc(0.5, 0.68, 0.42, 0.32, 190, -180, 24)], [arc(0.52, 0.5, 0.46, 0.5, 300, 180) + arc(0.5, 0.68, 0.43, 0.32, 180, 540, 24)]],
    "7": [[[(0.05, 0), (0.95, 0), (0.4, 1)]], [[(0.05, 0), (0.95, 0), (0.4, 1)], [(0.3, 0.5), (0.85, 0.5)]]],
    "8": [[arc(0.5, 0.26, 0.36, 0.26, 0, 360, 22), arc(0.5, 0.75, 0.44, 0.25, 0, 360, 22)]],
    "9": [[arc(0.5, 0.32, 0.42, 0.32, 10, 370, 24) + [(0.8, 1)]], [arc(0.5, 0.32, 0.43, 0.32, 0, 360, 24) + arc(0.48, 0.5, 0.46, 0.5, 340, 490)]]}


def fonts():
    found = [lambda size: ImageFont.load_default(size)]
    for name in FONTS:
        try:
            ImageFont.truetype(name, 20)
        except OSError:
            continue
        found.append(lambda size, name=name: ImageFont.truetype(name, size))
    return found


FOUND = fonts()


# ---------------------------------------------------------------- scenes

def place(r, w, h, sizes, gap=1.12):
    """Centers for shapes of the given half sizes without overlap, or None."""
    spots = []
    for s in sizes:
        for _ in range(60):
            x, y = r.uniform(s + 1, w - s - 1), r.uniform(s + 1, h - s - 1)
            if all(max(abs(x - a), abs(y - b)) > gap * (s + t) or math.hypot(x - a, y - b) > gap * 1.25 * (s + t) for a, b, t in spots):
                spots.append((x, y, s))
                break
        else:
            return None
    return spots


def size_of_picture(r):
    """A picture size within MAX_PIXELS, or larger for a few pictures, which the preprocessing will reduce."""
    while True:
        w, h = (r.choice([64, 64, 96, 96, r.randint(56, 144)]) for _ in range(2)) if r.random() < 0.75 else (96, 96)
        if w * h <= MAX_PIXELS and 0.45 < w / h < 2.2:
            return w, h


def shape_object(r, back, shape, color, x, y, s):
    style = "line" if r.random() < 0.14 else "fill"
    return dict(shape=shape, color=color[0], rgb=color[1], x=x, y=y, s=s, style=style, points=outline(r, shape), stretch=1 if r.random() < 0.6 else r.uniform(0.88, 1.14))


def scene(r, kind=None):
    kind = kind or r.choice(KINDS)
    w, h = size_of_picture(r)
    if kind in ("same", "pair", "bars") and w * h < 64 * 84:
        w, h = r.choice([(96, 96), (96, 64), (64, 96)])
    back, m = ground(r), min(w, h)
    out = dict(kind=kind, w=w, h=h, back=back[0], back_rgb=back[1], seed=r.getrandbits(32))
    if kind == "one":
        s = m * r.uniform(0.2, 0.46)
        x, y = (w / 2 + r.gauss(0, 2), h / 2 + r.gauss(0, 2)) if r.random() < 0.4 else (r.uniform(s, w - s), r.uniform(s, h - s))
        out["objects"] = [shape_object(r, back, r.choice(SHAPES), paint(r, back), x, y, s)]
    elif kind == "same":
        n = r.choice([1, 2, 3, 4, 5, 5])
        while True:
            top = {1: 0.36, 2: 0.25, 3: 0.21, 4: 0.18, 5: 0.16}[n]
            sizes = [max(8.0, m * r.uniform(top * 0.6, top))] * n
            if r.random() < 0.5:
                sizes = [max(8.0, s * r.uniform(0.75, 1.05)) for s in sizes]
            if r.random() < 0.25:                                      # in a row
                s = min(sizes[0], w / n / 2.4)
                y = r.uniform(s, h - s)
                spots = [(w * (i + 0.5) / n, y, s) for i in range(n)] if s >= 7.5 else None
            else:
                spots = place(r, w, h, sizes)
            if spots:
                break
        shape, color = r.choice(SHAPES), paint(r, back)
        out["objects"] = [shape_object(r, back, shape, color, *p) for p in spots]
    elif kind == "pair":
        (a, b), first = r.sample(SHAPES, 2), paint(r, back)
        second = paint(r, back, [first[0]])
        axis = "x" if w > 1.25 * h else "y" if h > 1.25 * w else r.choice("xy")
        along, across = (w, h) if axis == "x" else (h, w)
        big, small = (along * r.uniform(0.17, 0.24) for _ in range(2))
        if r.random() < 0.5:
            small = big * r.uniform(0.45, 0.62)
        sizes = [min(big, across * 0.46), min(small, across * 0.46)]
        r.shuffle(sizes)
        objects = []
        for shape, color, s, middle in zip((a, b), (first, second), sizes, (0.26, 0.74)):
            p = min(max(along * (middle + r.gauss(0, 0.03)), s + 1), along - s - 1)
            q = min(max(across * (0.5 + r.gauss(0, 0.08)), s + 1), across - s - 1)
            objects.append(shape_object(r, back, shape, color, *((p, q) if axis == "x" else (q, p)), s))
        out.update(objects=objects, axis=axis)
    elif kind == "digit":
        text = str(r.randrange(10))
        name, rgb = ("black", shade(r, "black")) if back[0] == "white" and r.random() < 0.4 else paint(r, back)
        out.update(text=text, color=name, rgb=rgb, font=r.randrange(len(FOUND)) if r.random() < 0.65 else -1, objects=[])
    else:
        n = r.choice([2, 3, 3, 4]) if w >= 90 else r.choice([2, 3])
        while True:
            heights = [r.uniform(0.12, 1) for _ in range(n)]
            order = sorted(heights)
            if order[-1] > 0.6 and all(b - a > 0.1 for a, b in zip(order, order[1:])):
                break
        colors = []
        for _ in range(n):
            colors.append(paint(r, back, [c for c, _ in colors]))
        out.update(objects=[dict(color=c, rgb=rgb, height=t) for (c, rgb), t in zip(colors, heights)], axes=r.random() < 0.6, wide=r.uniform(0.5, 0.92))
    return out


# ---------------------------------------------------------------- drawing

def draw(sc):
    """The picture as a Pillow image. Adds to every object its box (x0, y0, x1, y1) in fractions of the picture."""
    r = random.Random(sc["seed"])
    smooth = r.random() < 0.8
    k = 3 if smooth else 1
    zoom = r.choice([2, 3]) if r.random() < 0.05 else 1                # a large picture, which the preprocessing reduces
    k *= zoom
    w, h = sc["w"], sc["h"]
    byte = lambda c: tuple(int(round(255 * min(max(x, 0), 1))) for x in c)
    im = Image.new("RGB", (w * k, h * k), byte(sc["back_rgb"]))
    d = ImageDraw.Draw(im)
    box = lambda x0, y0, x1, y1: (x0 / w, y0 / h, x1 / w, y1 / h)
    if sc["kind"] == "digit":
        digit(sc, d, k, r, byte(sc["rgb"]))
    elif sc["kind"] == "bars":
        n, left, top, low = len(sc["objects"]), w * r.uniform(0.04, 0.12), h * r.uniform(0.04, 0.12), h * r.uniform(0.9, 0.97)
        ink = byte((0.1,) * 3 if sum(sc["back_rgb"]) > 1.5 else (0.9,) * 3)
        step = (w * r.uniform(0.92, 0.97) - left) / n
        for i, o in enumerate(sc["objects"]):
            x0 = left + step * (i + (1 - sc["wide"]) / 2)
            o["box"] = (x0, low - (low - top) * o["height"], x0 + step * sc["wide"], low)
            x0, y0, x1, y1 = (round(v * k) for v in o["box"])
            d.rectangle((x0, y0, x1 - 1, y1 - 1), fill=byte(o["rgb"]))
            o["box"] = box(*o["box"])
        if sc["axes"]:
            t = max(1, round(r.uniform(0.8, 1.8) * k))
            d.line([(left * k, top * k * 0.6), (left * k, low * k), (w * k * 0.98, low * k)], fill=ink, width=t)
    else:
        for o in sc["objects"]:
            x, y, s = o["x"], o["y"], o["s"]
            pts = [((x + s * px * o["stretch"]) * k, (y + s * py / o["stretch"]) * k) for px, py in o["points"]]
            if o["style"] == "fill":
                d.polygon(pts, fill=byte(o["rgb"]))
            else:
                d.line(pts + pts[:2], fill=byte(o["rgb"]), width=max(2 * k, round(s * r.uniform(0.12, 0.25) * k)), joint="curve")
            o["box"] = box(x - s, y - s, x + s, y + s)
    if smooth:
        im = im.reduce(3)
    a = np.asarray(im).astype(np.float32)
    rng = np.random.default_rng(sc["seed"])
    if r.random() < 0.5:
        a += rng.standard_normal(a.shape[:2] + (r.choice([1, 3]),), np.float32) * r.uniform(1, 9)
    if r.random() < 0.25:                                              # uneven light
        gx, gy = np.linspace(-1, 1, a.shape[1], dtype=np.float32), np.linspace(-1, 1, a.shape[0], dtype=np.float32)
        a *= 1 + r.uniform(-0.09, 0.09) * gx[None, :, None] + r.uniform(-0.09, 0.09) * gy[:, None, None]
    im = Image.fromarray(np.clip(a + 0.5, 0, 255).astype(np.uint8))
    if r.random() < 0.1:
        f = io.BytesIO()
        im.save(f, "JPEG", quality=r.randrange(70, 96))
        im = Image.open(f).convert("RGB")
    return im


def digit(sc, d, k, r, ink):
    w, h, text = sc["w"], sc["h"], sc["text"]
    if sc["font"] >= 0:
        size = min(r.uniform(0.5, 1.0) * h, w * r.uniform(0.95, 1.25))
        font = FOUND[sc["font"]](max(12, int(size * k)))
        x0, y0, x1, y1 = d.textbbox((0, 0), text, font=font)
        x, y = (r.uniform(0.15, 0.85) * (size - room) if room < size else (size - room) / 2 for room, size in ((x1 - x0, w * k), (y1 - y0, h * k)))
        d.text((x - x0, y - y0), text, font=font, fill=ink)
        box = (x, y, x + x1 - x0, y + y1 - y0)
    else:
        hh = r.uniform(0.4, 0.82) * h
        ww = min(hh * r.uniform(0.45, 0.75), w * 0.8)
        hh = min(hh, ww * 2.4)
        slant, t, wobble = r.gauss(0, 0.08), max(1.3, ww * r.uniform(0.09, 0.28)), r.uniform(0, 0.02)
        x, y = w * 0.5 - ww / 2 + r.uniform(-0.4, 0.4) * (w * 0.95 - ww), h * 0.5 - hh / 2 + r.uniform(-0.4, 0.4) * (h * 0.95 - hh)
        for stroke in r.choice(STROKES[text]):
            pts = [((x + (px + slant * (0.5 - py) + r.gauss(0, wobble)) * ww) * k, (y + (py + r.gauss(0, wobble)) * hh) * k) for px, py in stroke]
            d.line(pts, fill=ink, width=max(1, round(t * k)), joint="curve")
            for px, py in (pts[0], pts[-1]):                           # round ends
                d.ellipse((px - t * k / 2, py - t * k / 2, px + t * k / 2, py + t * k / 2), fill=ink)
        box = (x * k, y * k, (x + ww) * k, (y + hh) * k)
    sc["objects"] = [dict(digit=text, color=sc["color"], box=(box[0] / w / k, box[1] / h / k, box[2] / w / k, box[3] / h / k))]


# ---------------------------------------------------------------- questions

def plural(shape):
    return shape + ("es" if shape.endswith("s") else "s")


def some(n, shape):
    return f"{NUMBERS[n]} {shape if n == 1 else plural(shape)}"


def an(words):
    return ("an " if words[0] in "aeiou" else "a ") + words


def cap(s):
    return s[0].upper() + s[1:]


LOOK = ["What is in the picture?", "What do you see?", "Describe the picture.", "What does the picture show?", "What is shown in this picture?"]


def questions(sc, r):
    """All kinds of questions about the scene, as (kind, question, answer); the wording of each is random."""
    out, kind, objects = [], sc["kind"], sc["objects"]
    ask = lambda k, qs, a: out.append((k, r.choice(qs), a))
    on = f" on a {sc['back']} background" if sc["back"] else ""
    if sc["back"]:
        ask("background", ["What color is the background?", "Which color does the background have?"], f"The background is {sc['back']}.")
    if kind == "one":
        o = objects[0]
        ask("shape", ["What shape is this?", "What shape do you see?", "Which shape is this?", "What shape is in the picture?", "What is this?"], f"This is {an(o['shape'])}.")
        ask("color", [f"What color is the {o['shape']}?", f"Which color does the {o['shape']} have?", "What color is it?", "What color is the shape?"], f"The {o['shape']} is {o['color']}.")
        ask("describe", LOOK, f"{cap(an(o['color']))} {o['shape']}{on}.")
    if kind in ("one", "same"):
        n, shape = len(objects), objects[0]["shape"]
        ask("count", [f"How many {plural(shape)} are there?", f"How many {plural(shape)} do you see?", f"How many {plural(shape)} are in the picture?"],
            f"There {'is' if n == 1 else 'are'} {some(n, shape)}.")
        if r.random() < 0.3:
            absent = r.choice([s for s in SHAPES if s != shape])
            ask("count", [f"How many {plural(absent)} are there?", f"How many {plural(absent)} do you see?", f"How many {plural(absent)} are in the picture?"], f"There are no {plural(absent)}.")
    if kind == "same" and len(objects) > 1:
        o, n = objects[0], len(objects)
        ask("describe", LOOK, f"{cap(NUMBERS[n])} {o['color']} {plural(o['shape'])}{on}.")
        ask("color", [f"What color are the {plural(o['shape'])}?", "What color are the shapes?", "What color are they?"], f"The {plural(o['shape'])} are {o['color']}.")
        ask("shape", ["What shapes are these?", "What are these?", "What shapes do you see?"], f"These are {plural(o['shape'])}.")
    elif kind == "pair":
        a, b = objects
        before, after = ("left of", "right of") if sc["axis"] == "x" else ("above", "below")
        ask("describe", LOOK, f"{cap(an(a['color']))} {a['shape']} {before} {an(b['color'])} {b['shape']}.")
        for o, p, word in ((a, b, before), (b, a, after)):
            side = {"left of": "on the left", "right of": "on the right", "above": "at the top", "below": "at the bottom"}[word]
            ask("position", [f"What is {word} the {p['shape']}?", f"Which shape is {word} the {p['shape']}?"], f"{cap(an(o['color']))} {o['shape']} is {word} the {p['shape']}.")
            ask("side", [f"What is {side}?", f"Which shape is {side}?", f"What shape is {side}?"], f"{cap(an(o['color']))} {o['shape']} is {side}.")
            ask("color", [f"What color is the {o['shape']}?", f"Which color does the {o['shape']} have?"], f"The {o['shape']} is {o['color']}.")
    elif kind == "digit":
        t = sc["text"]
        ask("number", ["What number is shown?", "What number is this?", "Which number do you see?", "What number is in the picture?", "Read the number."], f"The number is {t}.")
        ask("number", ["Which digit is this?", "What digit is shown?", "Which digit do you see?"], f"The digit is {t}.")
        ask("color", ["What color is the number?", "Which color does the number have?"], f"The number is {sc['color']}.")
        ask("describe", LOOK, f"The number {t} in {sc['color']}{on}.")
    elif kind == "bars":
        n = len(objects)
        rank = sorted(objects, key=lambda o: o["height"])
        tall, low = rank[-1]["color"], rank[0]["color"]
        ask("tallest", ["Which bar is the tallest?", "Which bar is tallest?", "What color is the tallest bar?", "Which bar is the highest?", "What is the tallest bar?"], f"The {tall} bar is the tallest.")
        ask("shortest", ["Which bar is the shortest?", "Which bar is shortest?", "What color is the shortest bar?", "Which bar is the lowest?", "What is the shortest bar?"], f"The {low} bar is the shortest.")
        ask("count", ["How many bars are there?", "How many bars do you see?", "How many bars does the chart have?"], f"There are {NUMBERS[n]} bars.")
        ask("describe", LOOK, f"A bar chart with {NUMBERS[n]} bars{on}.")
    return out


# ---------------------------------------------------------------- preprocessing (as the preprocessor configuration of the model says)

def smart_resize(w, h):
    H, W = round(h / FACTOR) * FACTOR, round(w / FACTOR) * FACTOR
    if H * W > MAX_PIXELS:
        b = math.sqrt(h * w / MAX_PIXELS)
        H, W = (max(FACTOR, math.floor(x / b / FACTOR) * FACTOR) for x in (h, w))
    elif H * W < MIN_PIXELS:
        b = math.sqrt(MIN_PIXELS / (h * w))
        H, W = (math.ceil(x * b / FACTOR) * FACTOR for x in (h, w))
    return W, H


def prepared(im):
    """The resized picture as bytes [H, W, 3]."""
    size = smart_resize(*im.size)
    return np.asarray(im if im.size == size else im.resize(size, Image.BICUBIC))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("out")
    p.add_argument("--count", type=int, default=24)
    p.add_argument("--seed", type=int, default=9000001)
    a = p.parse_args()
    out, r, listing = Path(a.out), random.Random(a.seed), []
    out.mkdir(parents=True, exist_ok=True)
    for i in range(a.count):
        sc = scene(r, KINDS[i % len(KINDS)])
        name = f"{sc['kind']}-{i // len(KINDS)}.png"
        draw(sc).save(out / name)
        listing.append(dict(file=name, questions=[dict(kind=k, question=q, answer=t) for k, q, t in questions(sc, r)]))
    (out / "questions.json").write_text(json.dumps(listing, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
