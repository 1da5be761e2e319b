#!/usr/bin/env python3
"""Trains the vision demo model: the text demo model with a small vision tower, on the pictures of pictures.py.

    python train_vision.py shards --dir DATA --shards N      draws N x 1000 pictures
    python train_vision.py text --dir DATA --text MODEL      text that keeps the model able to tell stories (corpus.py)
    python train_vision.py tower --dir DATA --minutes M      first stage: the tower alone, with auxiliary labels
    python train_vision.py joint --dir DATA --text MODEL --minutes M      second stage: tower and text model
    python train_vision.py evaluate --dir DATA --text MODEL  accuracy per kind of question on held-out pictures
    python train_vision.py export --dir DATA --text MODEL --out OUT      writes the GGUF files, sample pictures and their answers

MODEL is the folder that `train.py export` wrote. Needs torch, numpy, tokenizers, Pillow and safetensors; export also gguf.
"""
import argparse, json, math, os, pickle, random, sys, time
from pathlib import Path
import numpy as np
import pictures as P
import train as T

VISION = {"model_type": "qwen3_5", "depth": 4, "hidden_size": 96, "hidden_act": "gelu_pytorch_tanh", "intermediate_size": 192, "num_heads": 3, "in_channels": 3,
          "patch_size": 16, "spatial_merge_size": 2, "temporal_patch_size": 2, "out_hidden_size": 256, "num_position_embeddings": 36, "deepstack_visual_indexes": []}
PAD = T.EOT + T.SPECIALS.index("<|image_pad|>")
SHAPE_CLASSES = P.SHAPES + list("0123456789") + ["bar", "none"]
COLOR_CLASSES = P.COLORS + ["none"]
HELD_OUT = 1 << 40                                              # seeds from here on are never used in training
THINK = "<think>\n\n</think>\n\n"
SYSTEM = ["You are a helpful assistant.", "Answer in simple English.", "Be brief.", "You are a helpful assistant. Answer briefly."]
NO_PICTURE = ["What is in the picture?", "What do you see?", "Describe the picture.", "What shape is this?", "How many circles are there?", "What number is shown?", "Which bar is the tallest?",
              "What color is the circle?", "What does the picture show?"]


# ---------------------------------------------------------------- data

def merge_order(gh, gw):
    return [(br * 2 + r, bc * 2 + c) for br in range(gh // 2) for bc in range(gw // 2) for r in range(2) for c in range(2)]


def rows_of(pixels):
    """Pixels [B, H, W, 3] bytes -> patch rows [B, patches, 768] in merge order, one of the two equal frames."""
    import torch
    B, H, W, _ = pixels.shape
    x = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 127.5 - 1
    x = x.reshape(B, 3, H // 32, 2, 16, W // 32, 2, 16).permute(0, 2, 5, 3, 6, 1, 4, 7)      # B, block row, block column, row, column, channel, y, x
    return x.reshape(B, H // 16 * (W // 16), 768)


def labels(sc, gh, gw):
    """Auxiliary labels: per merged cell the shape, the color and the rank of a bar, and for the picture kind, background and counts."""
    R, C = gh // 2, gw // 2
    shape, color, rank = np.full((R, C), len(SHAPE_CLASSES) - 1), np.full((R, C), len(COLOR_CLASSES) - 1), np.zeros((R, C), int)
    best = np.zeros((R, C))
    heights = sorted(o["height"] for o in sc["objects"]) if sc["kind"] == "bars" else []
    for o in sc["objects"]:
        x0, y0, x1, y1 = o["box"]
        x0, x1, y0, y1 = x0 * C, x1 * C, y0 * R, y1 * R
        oy = np.clip(np.minimum(np.arange(1, R + 1), y1) - np.maximum(np.arange(R), y0), 0, 1)
        ox = np.clip(np.minimum(np.arange(1, C + 1), x1) - np.maximum(np.arange(C), x0), 0, 1)
        cover = oy[:, None] * ox[None]
        at = (cover > 0.08) & (cover > best)
        best[at] = cover[at]
        shape[at] = SHAPE_CLASSES.index(o.get("shape") or o.get("digit") or "bar")
        color[at] = COLOR_CLASSES.index(o["color"])
        if heights:
            rank[at] = 1 if o["height"] == heights[-1] else 2 if o["height"] == heights[0] else 3
    counts = [sum(o.get("shape") == s for o in sc["objects"]) for s in P.SHAPES] + [len(sc["objects"])]
    return shape.ravel(), color.ravel(), rank.ravel(), ["one", "same", "mixed", "pair", "digit", "bars"].index(sc["kind"]), P.GROUNDS.index(sc["back"]) if sc["back"] else -1, counts


def picture(seed):
    r = random.Random(seed)
    sc = P.scene(r)
    px = P.prepared(P.draw(sc))
    for o in sc["objects"]:
        o.pop("points", None)
    return px, sc


def cmd_shards(a):
    base = Path(a.dir)
    for i in range(a.first, a.shards):
        items = [picture(i * 1000 + j) for j in range(1000)]
        with open(base / f"shard{i:04}.tmp", "wb") as f:
            pickle.dump(items, f, protocol=5)
        os.replace(base / f"shard{i:04}.tmp", base / f"shard{i:04}.pkl")


def stream(base, r, size):
    """Endless batches of pictures of one size, from the shards that exist."""
    shards, queue, held = [], [], {}
    while True:
        if not queue:
            queue = sorted(base.glob("shard*.pkl"))
            r.shuffle(queue)
        with open(queue.pop(), "rb") as f:
            items = pickle.load(f)
        r.shuffle(items)
        out = []
        for px, sc in items:
            held.setdefault(px.shape, []).append((px, sc))
            if len(held[px.shape]) == size(px.shape):
                out.append(held.pop(px.shape))
        r.shuffle(out)
        yield from out


class Tokens:
    def __init__(self, folder):
        from tokenizers import Tokenizer
        self.tok, self.cache = Tokenizer.from_file(str(Path(folder) / "tokenizer.json")), {}

    def __call__(self, text):
        ids = self.cache.get(text)
        if ids is None:
            ids = self.tok.encode(text).ids
            if len(self.cache) < 200000:
                self.cache[text] = ids
        return ids


def conversation(tok, turns, n, after=False, system=None):
    """Ids and targets of a conversation about a picture of n tokens; targets are -1 outside the answers (an answer of None is left open)."""
    ids, targets = [], []

    def add(text, learn=False):
        t = tok(text)
        ids.extend(t)
        targets.extend(t if learn else [-1] * len(t))

    def see():
        add("<|vision_start|>")
        ids.extend([PAD] * n)
        targets.extend([-1] * n)
        add("<|vision_end|>")

    if system:
        add(f"<|im_start|>system\n{system}<|im_end|>\n")
    for i, (q, answer) in enumerate(turns):
        add("<|im_start|>user\n")
        if n and i == 0 and not after:
            see()
        add(q)
        if n and i == 0 and after:
            see()
        last = i == len(turns) - 1
        add("<|im_end|>\n<|im_start|>assistant\n" + (THINK if last else ""))
        if answer is not None:
            add(answer + "<|im_end|>", True)
            if not last:
                add("\n")
    return ids, targets


def positions(ids, R, C):
    p, cur, i = np.empty((3, len(ids)), np.int64), 0, 0
    while i < len(ids):
        if ids[i] == PAD:
            k = R * C
            p[0, i:i + k] = cur
            p[1, i:i + k] = cur + np.repeat(np.arange(R), C)
            p[2, i:i + k] = cur + np.tile(np.arange(C), R)
            i, cur = i + k, cur + max(R, C)
        else:
            p[:, i] = cur
            i, cur = i + 1, cur + 1
    return p


# ---------------------------------------------------------------- model

def vision(c):
    import torch
    import torch.nn as nn
    import torch.nn.functional as F
    H, n, side = c["hidden_size"], c["num_heads"], math.isqrt(c["num_position_embeddings"])
    D = H // n

    class Attn(nn.Module):
        def __init__(s):
            super().__init__()
            s.qkv, s.proj = nn.Linear(H, 3 * H), nn.Linear(H, H)

        def forward(s, x, cos, sin):
            B, N, _ = x.shape
            qk, v = s.qkv(x).view(B, N, 3, n, D).permute(2, 0, 3, 1, 4).split([2, 1])
            cos, sin, v = cos.to(qk.dtype), sin.to(qk.dtype), v[0]
            q, k = qk * cos + torch.cat([-qk[..., D // 2:], qk[..., :D // 2]], -1) * sin
            a = (q * D ** -0.5 @ k.transpose(-1, -2)).softmax(-1)                # for so few patches faster than the fused attention
            return s.proj((a.to(v.dtype) @ v).transpose(1, 2).reshape(B, N, H))

    class Mlp(nn.Module):
        def __init__(s):
            super().__init__()
            s.linear_fc1, s.linear_fc2 = nn.Linear(H, c["intermediate_size"]), nn.Linear(c["intermediate_size"], H)

        def forward(s, x):
            return s.linear_fc2(F.gelu(s.linear_fc1(x), approximate="tanh"))

    class Block(nn.Module):
        def __init__(s):
            super().__init__()
            s.norm1, s.norm2, s.attn, s.mlp = nn.LayerNorm(H, 1e-6), nn.LayerNorm(H, 1e-6), Attn(), Mlp()

        def forward(s, x, cos, sin):
            x = x + s.attn(s.norm1(x), cos, sin)
            return x + s.mlp(s.norm2(x))

    class Merger(nn.Module):
        def __init__(s):
            super().__init__()
            s.norm, s.linear_fc1, s.linear_fc2 = nn.LayerNorm(H, 1e-6), nn.Linear(4 * H, 4 * H), nn.Linear(4 * H, c["out_hidden_size"])

        def forward(s, x):
            return s.linear_fc2(F.gelu(s.linear_fc1(s.norm(x).reshape(x.shape[0], -1, 4 * H))))

    class Embed(nn.Module):
        def __init__(s):
            super().__init__()
            s.proj = nn.Linear(768, H)

    class Tower(nn.Module):
        """The patch embedding holds the sum of its two temporal halves, which see the same picture; export splits it."""

        def __init__(s):
            super().__init__()
            s.patch_embed, s.pos_embed = Embed(), nn.Embedding(side * side, H)
            s.blocks = nn.ModuleList(Block() for _ in range(c["depth"]))
            s.merger = Merger()
            for name, p in s.named_parameters():
                if p.dim() == 2:
                    nn.init.normal_(p, std=0.02 if "pos_embed" in name else 0.7 / math.sqrt(p.shape[1]))
                    if "attn.proj" in name or "mlp.linear_fc2" in name:
                        p.data.mul_(0.2)
                elif name.endswith("bias"):
                    nn.init.zeros_(p)
            s.merger.linear_fc2.weight.data.mul_(0.05)
            s.tables = {}

        def table(s, gh, gw):
            if (gh, gw) not in s.tables:
                rc = torch.tensor(merge_order(gh, gw)).float()
                y, x = rc[:, 0] * (side - 1) / max(gh - 1, 1), rc[:, 1] * (side - 1) / max(gw - 1, 1)
                y0, x0 = y.floor().long(), x.floor().long()
                y1, x1, fy, fx = (y0 + 1).clamp(max=side - 1), (x0 + 1).clamp(max=side - 1), y - y0, x - x0
                idx = torch.stack([y0 * side + x0, y0 * side + x1, y1 * side + x0, y1 * side + x1])
                w = torch.stack([(1 - fy) * (1 - fx), (1 - fy) * fx, fy * (1 - fx), fy * fx])[..., None]
                inv = 10000.0 ** (-torch.arange(0, D // 2, 2).float() / (D // 2))
                ang = torch.cat([rc[:, :1] * inv, rc[:, 1:] * inv], -1)
                ang = torch.cat([ang, ang], -1)
                s.tables[gh, gw] = idx, w, ang.cos(), ang.sin()
            return s.tables[gh, gw]

        def forward(s, rows, gh, gw):
            idx, w, cos, sin = s.table(gh, gw)
            x = s.patch_embed.proj(rows).float() + (s.pos_embed(idx) * w).sum(0)
            for b in s.blocks:
                x = b(x, cos, sin)
            return s.merger(x)

    return Tower()


def helper_heads(width):
    """Auxiliary classifiers of the first stage; no part of the model."""
    import torch
    import torch.nn as nn
    import torch.nn.functional as F

    class Heads(nn.Module):
        def __init__(s):
            super().__init__()
            s.cell = nn.Linear(width, len(SHAPE_CLASSES) + len(COLOR_CLASSES) + 4)
            s.whole = nn.Linear(width, 6 + len(P.GROUNDS) + (len(P.SHAPES) + 1) * 6)

        def forward(s, y, batch):
            R = [np.stack([x[i] for x in batch]) for i in range(6)]
            shape, color, rank, kind, back, counts = (torch.from_numpy(x.astype(np.int64)) for x in R)
            y = y.float()
            a, b, c = s.cell(y).split([len(SHAPE_CLASSES), len(COLOR_CLASSES), 4], -1)
            m = s.whole(y.mean(1))
            k, g, n = m.split([6, len(P.GROUNDS), (len(P.SHAPES) + 1) * 6], -1)
            ce = F.cross_entropy
            loss = ce(a.flatten(0, 1), shape.flatten()) + ce(b.flatten(0, 1), color.flatten()) + 0.5 * ce(c.flatten(0, 1), rank.flatten()) + 0.3 * ce(k, kind)
            if (back >= 0).any():
                loss = loss + 0.3 * ce(g, back, ignore_index=-1)
            n = n.view(-1, len(P.SHAPES) + 1, 6)
            loss = loss + 2 * ce(n.flatten(0, 1), counts.flatten())
            ok = [(a.argmax(-1) == shape).float().mean(), (b.argmax(-1) == color).float().mean(), (n.argmax(-1) == counts).all(-1).float().mean()]
            return loss, [x.item() for x in ok]

    return Heads()


def text_model(folder, compiled=False):
    from safetensors.torch import load_file
    model = T.build(T.CONFIG, mtp=False, compiled=compiled)
    w = {k: v.float() for k, v in load_file(str(Path(folder) / "model.safetensors")).items() if not k.startswith("mtp.")}
    model.load_state_dict(w)
    return model


def hidden(model, ids, embedded, pos):
    """Final hidden states for rows of ids [B, T], whose picture tokens take the rows of embedded in order; pos [B, 3, T]."""
    import torch
    x = model.model.embed_tokens(ids)
    if embedded is not None:
        x = x.masked_scatter((ids == PAD)[..., None], embedded.to(x.dtype))
    inv = 1.0 / T.CONFIG["rope_parameters"]["rope_theta"] ** (torch.arange(0, 16, 2).float() / 16)
    axis = torch.tensor([0, 1, 2, 0, 1, 2, 0, 1])
    f = pos.float().transpose(1, 2)[..., axis] * inv
    f = torch.cat([f, f], -1)[:, None]
    cos, sin = f.cos(), f.sin()
    for layer in model.model.layers:
        x = layer(x, cos, sin)
    return model.model.norm(x)


# ---------------------------------------------------------------- training

class Optimizer:
    """Muon for matrices, AdamW for the rest; `rate(name)` scales the learning rate of a parameter."""

    def __init__(self, named, lr, muon, rate):
        import torch
        self.lr, self.muon, self.groups, rest = lr, muon, {}, {}
        for name, p in named:
            if p.dim() == 2 and "embed_tokens" not in name and "pos_embed" not in name and min(p.shape) >= 32:
                self.groups.setdefault(rate(name), {}).setdefault(tuple(p.shape), []).append((p, torch.zeros_like(p)))
            else:
                rest.setdefault((rate(name), p.dim() == 2), []).append(p)
        self.opt = torch.optim.AdamW([{"params": ps, "weight_decay": 0.01 if two else 0.0, "rate": rt} for (rt, two), ps in rest.items()], lr=lr, betas=(0.9, 0.95), eps=1e-8, fused=True)
        self.step_count = 0

    def step(self, scale):
        self.step_count += 1
        for g in self.opt.param_groups:
            g["lr"] = self.lr * scale * g["rate"]
        for rt, shapes in self.groups.items():
            T.muon_step({k: [(p, b) for p, b in v if p.grad is not None] for k, v in shapes.items() if v[0][0].grad is not None}, min(0.95, 0.85 + 0.1 * self.step_count / 300), self.muon * scale * rt)
        self.opt.step()
        self.opt.zero_grad(set_to_none=True)
        for shapes in self.groups.values():
            for items in shapes.values():
                for p, _ in items:
                    p.grad = None


def start(a):
    import torch
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)
    torch.set_flush_denormal(True)

    def attention(q, k, v, is_causal):                          # for rows this short faster than the fused attention and its gradient
        s = q * q.shape[-1] ** -0.5 @ k.transpose(-1, -2)
        return (s + torch.full(s.shape[-2:], float("-inf")).triu(1)).softmax(-1).to(v.dtype) @ v

    torch.nn.functional.scaled_dot_product_attention = attention
    return torch


def schedule(progress, step, warmup=8, low=0.02):
    return min(1.0, (step + 1) / warmup) * (low + (1 - low) * min(1.0, 2 * (1 - progress) ) if progress > 0.5 else 1.0)


def cmd_tower(a):
    torch = start(a)
    base, r = Path(a.dir), random.Random(a.seed)
    tower, heads = vision(VISION), helper_heads(VISION["out_hidden_size"])
    print(sum(p.numel() for p in tower.parameters()), "parameters in the tower", flush=True)
    opt = Optimizer(list(tower.named_parameters()) + [("heads." + n, p) for n, p in heads.named_parameters()], 0.002, 0.02,
                    (lambda n: 0.0 if n.startswith("heads.") else a.tower_rate) if a.resume else lambda n: 1.0)
    if a.resume:                                               # the classifiers stay as they are, so that the rows keep their meaning for the text model
        s = torch.load(base / a.resume)
        tower.load_state_dict(s["tower"])
        heads.load_state_dict(s["heads"])
    t0, step, avg, seen = time.time(), 0, np.zeros(4), 0
    for batch in stream(base, r, lambda s: a.batch):
        progress = (time.time() - t0) / 60 / a.minutes
        if progress >= 1:
            break
        px = np.stack([b[0] for b in batch])
        gh, gw = px.shape[1] // 16, px.shape[2] // 16
        with torch.autocast("cpu", dtype=torch.bfloat16):
            y = tower(rows_of(px), gh, gw)
        loss, ok = heads(y, [labels(sc, gh, gw) for _, sc in batch])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(tower.parameters()) + list(heads.parameters()), 2.0)
        opt.step(schedule(progress, step, low=0.02 if a.resume else 0.3))
        step, seen = step + 1, seen + len(batch)
        avg += [loss.item()] + ok
        if step % a.log_every == 0:
            v = avg / a.log_every
            print(f"step {step} pictures {seen} loss {v[0]:.3f} shape {v[1]:.3f} color {v[2]:.3f} counts {v[3]:.3f} {(time.time() - t0) / 60:.1f} min {(time.time() - t0) / step:.2f} s", flush=True)
            avg[:] = 0
        if step % 100 == 0:
            torch.save({"tower": tower.state_dict(), "heads": heads.state_dict()}, base / (a.save if a.resume else "tower.pt"))
    torch.save({"tower": tower.state_dict(), "heads": heads.state_dict()}, base / (a.save if a.resume else "tower.pt"))


def cmd_text(a):
    import corpus
    tok, ids, r = Tokens(a.text), [], random.Random(77)
    for _ in range(a.docs):
        if r.random() < 0.12:
            q = r.choice(NO_PICTURE)
            ids += tok.tok.encode(corpus.chat([(q, "I see no picture.")], r.choice(SYSTEM) if r.random() < 0.12 else None)).ids + [T.EOT]
        else:
            ids += tok.tok.encode(corpus.document(r)["text"]).ids + [T.EOT]
    np.array(ids, np.uint16).tofile(Path(a.dir) / "text.bin")
    print(len(ids), "tokens")


def build_rows(batch, tok, r, per, two):
    """Rows of conversations about the pictures of a batch: ids, targets [B, T] and positions [B, 3, T]; per rows for each picture."""
    R, C = batch[0][0].shape[0] // 32, batch[0][0].shape[1] // 32
    rows = []
    for _, sc in batch:
        qs = P.questions(sc, r)
        r.shuffle(qs)
        qs = qs * 4
        for i in range(per):
            turns = [(q if r.random() < 0.93 else q.rstrip("?.") if r.random() < 0.5 else q.lower(), t) for _, q, t in (qs[2 * i:2 * i + 2] if two else qs[i:i + 1])]
            row = conversation(tok, turns, R * C, r.random() < 0.06)
            rows.append(row)
    n = -(-max(len(i) for i, _ in rows) // 32) * 32
    ids = np.array([i + [T.EOT] * (n - len(i)) for i, _ in rows], np.int64)
    targets = np.array([t[1:] + [-1] * (n - len(t) + 1) for _, t in rows], np.int64)
    return ids, targets, np.stack([positions(i, R, C) for i in ids])


def align(tower, heads, model, tok):
    """
    Turns the rows of the tower so that the text model understands them from the beginning: every class that an auxiliary classifier reads from a row
    adds the embedding of its word, in proportion to its logit. The classifiers are changed to read the turned rows through a part that stays as it was.
    """
    import torch
    with torch.no_grad():
        E, fc = model.model.embed_tokens.weight, tower.merger.linear_fc2
        words = [" " + x for x in P.SHAPES] + list("0123456789") + [" bar", None] + [" " + x for x in P.COLORS] + [None] + [None, " tallest", " shortest", None]
        whole = 6 + len(P.GROUNDS) + len(P.SHAPES) * 6
        counts = [None] + [" " + x for x in P.NUMBERS[1:6]]
        A = torch.stack([torch.zeros(E.shape[1]) if w is None else E[tok(w)].sum(0) / len(tok(w)) ** 0.5 for w in words + counts])
        W = torch.cat([heads.cell.weight, heads.whole.weight[whole:whole + 6]])
        b = torch.cat([heads.cell.bias, heads.whole.bias[whole:whole + 6]])
        at = 0
        for n in (len(SHAPE_CLASSES), len(COLOR_CLASSES), 4, 6):                # logits relative to the mean of their group
            W[at:at + n] -= W[at:at + n].mean(0)
            b[at:at + n] -= b[at:at + n].mean()
            at += n
        M = A.T @ W / 8
        keep = 0.15 * float(E.norm(dim=1).mean()) / 4
        M += keep * torch.eye(len(M))
        fc.weight.copy_(M @ fc.weight)
        fc.bias.copy_(M @ fc.bias + A.T @ b / 8)
        back = torch.linalg.inv(M.double()).float()
        print("turned rows, condition", float(torch.linalg.cond(M)), flush=True)
        for h in (heads.cell, heads.whole):
            h.bias.sub_(h.weight @ back @ (A.T @ b / 8))
            h.weight.copy_(h.weight @ back)


def cmd_joint(a):
    torch = start(a)
    F = torch.nn.functional
    base, r, tok = Path(a.dir), random.Random(a.seed), Tokens(a.text)
    tower, model, heads = vision(VISION), text_model(a.text, a.compile), helper_heads(VISION["out_hidden_size"])
    s = torch.load(base / (a.tower_from or a.resume or "tower.pt"))
    tower.load_state_dict(s["tower"])
    heads.load_state_dict(s["heads"])
    if a.resume:
        model.load_state_dict(torch.load(base / a.resume)["text"])
    else:
        align(tower, heads, model, tok)
        if a.text_from:
            model.load_state_dict(torch.load(base / a.text_from)["text"])
    named = [("tower." + n, p) for n, p in tower.named_parameters()] + [("heads." + n, p) for n, p in heads.named_parameters()] + list(model.named_parameters())
    params = [p for _, p in named]
    opt = Optimizer(named, a.lr, a.muon, lambda n: a.tower_rate if n.startswith(("tower.", "heads.")) else a.text_rate)
    text = np.fromfile(base / "text.bin", np.uint16).astype(np.int64)
    t0, step, avg, t_save = time.time(), 0, np.zeros(4), time.time()
    t_eval = time.time()

    def save(name):
        torch.save({"tower": tower.state_dict(), "heads": heads.state_dict(), "text": model.state_dict(), "step": step}, base / (name + ".tmp"))
        os.replace(base / (name + ".tmp"), base / name)

    for batch in stream(base, r, lambda s: a.batch):
        progress = max((time.time() - t0) / 60 / a.minutes, (time.time() - a.until) / 60 if a.until else 0)
        if progress >= 1:
            break
        px = np.stack([b[0] for b in batch])
        gh, gw = px.shape[1] // 16, px.shape[2] // 16
        ids, targets, pos = map(torch.from_numpy, build_rows(batch, tok, r, a.per, r.random() < 0.1))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            y = tower(rows_of(px), gh, gw)
            e = y.repeat_interleave(a.per, 0)
            h = hidden(model, ids, e, pos)
            at = targets >= 0
            logits = F.linear(h[at], model.model.embed_tokens.weight).float()
            loss = F.cross_entropy(logits, targets[at])
            right = (logits.argmax(-1) == targets[at]).float().mean()
        aux, _ = heads(y, [labels(sc, gh, gw) for _, sc in batch])
        total = loss + a.aux * aux
        keep = torch.zeros(())
        if step % a.text_every == 0:
            i = r.randrange(len(text) - 2 * 512 - 1)
            x = torch.from_numpy(text[i:i + 2 * 256 + 1])
            with torch.autocast("cpu", dtype=torch.bfloat16):
                q = x[:-1].view(2, 256)
                h = hidden(model, q, None, torch.arange(256).expand(2, 3, 256))
                keep = F.cross_entropy(F.linear(h, model.model.embed_tokens.weight).float().flatten(0, 1), x[1:])
            total = total + 0.3 * keep
        total.backward()
        torch.nn.utils.clip_grad_norm_(params, 1.0)
        opt.step(schedule(progress, step))
        step += 1
        avg += [loss.item(), right.item(), aux.item(), keep.item() * a.text_every]
        if not math.isfinite(avg[0]):
            sys.exit("loss is not finite")
        if step % a.log_every == 0:
            v = avg / a.log_every
            print(f"step {step} loss {v[0]:.4f} tokens right {v[1]:.4f} aux {v[2]:.3f} text {v[3]:.3f} {(time.time() - t0) / 60:.1f} min {(time.time() - t0) / step:.2f} s", flush=True)
            avg[:] = 0
        if time.time() - t_save > 60:
            save(a.save)
            t_save = time.time()
        if a.eval_minutes and time.time() - t_eval > 60 * a.eval_minutes:
            print(score(tower, model, tok, 120), flush=True)
            t_eval = time.time()
    save(a.save)


# ---------------------------------------------------------------- evaluation

def answers(tower, model, tok, px, questions, after=False):
    """Greedy answers to questions about one picture [H, W, 3], each with the smallest margin between the two best logits."""
    import torch
    gh, gw = px.shape[0] // 16, px.shape[1] // 16
    out = []
    with torch.no_grad():
        y = tower(rows_of(px[None]), gh, gw)[0].float()
        seqs = [conversation(tok, [(q, None)], gh * gw // 4, after)[0] for q in questions]
        done, grown, margin = [False] * len(seqs), [[] for _ in seqs], [float("inf")] * len(seqs)
        for _ in range(40):
            n = -(-max(map(len, seqs)) // 32) * 32
            ids = torch.tensor([s + [T.EOT] * (n - len(s)) for s in seqs])
            pos = torch.from_numpy(np.stack([positions(s + [T.EOT] * (n - len(s)), gh // 2, gw // 2) for s in seqs]))
            h = hidden(model, ids, y.repeat(len(seqs), 1), pos)
            h = torch.stack([h[i, len(s) - 1] for i, s in enumerate(seqs)]).float()
            top = (h @ model.model.embed_tokens.weight.float().T).topk(2)
            for i, (b, _) in enumerate(top.indices.tolist()):
                if not done[i]:
                    margin[i] = min(margin[i], float(top.values[i, 0] - top.values[i, 1]))
                    done[i] = b in (T.IM_END, T.EOT)
                    if not done[i]:
                        seqs[i].append(b)
                        grown[i].append(b)
            if all(done):
                break
    return [(tok.tok.decode(g), m) for g, m in zip(grown, margin)]


def score(tower, model, tok, count, verbose=False):
    """Exactly right answers per kind of picture and question, on held-out pictures; teacher-forced, which for an exact match is the same as greedy."""
    import torch
    hits, total = {}, {}
    F = torch.nn.functional
    with torch.no_grad():
        for i in range(count):
            px, sc = picture(HELD_OUT + i)
            R, C = px.shape[0] // 32, px.shape[1] // 32
            qs = P.questions(sc, random.Random(HELD_OUT + i))
            rows = [conversation(tok, [(q, t)], R * C) for _, q, t in qs]
            n = -(-max(len(x) for x, _ in rows) // 32) * 32
            ids = torch.tensor([x + [T.EOT] * (n - len(x)) for x, _ in rows])
            targets = torch.tensor([t[1:] + [-1] * (n - len(t) + 1) for _, t in rows])
            pos = torch.from_numpy(np.stack([positions(x.tolist(), R, C) for x in ids]))
            y = tower(rows_of(px[None]), 2 * R, 2 * C).float()
            h = hidden(model, ids, y.repeat(len(rows), 1, 1), pos).float()
            best = F.linear(h, model.model.embed_tokens.weight.float()).argmax(-1)
            ok = ((best == targets) | (targets < 0)).all(-1).tolist()
            for (k, q, t), good in zip(qs, ok):
                key = f"{sc['kind']}: {k}"
                hits[key] = hits.get(key, 0) + good
                total[key] = total.get(key, 0) + 1
    lines = [f"{k:18} {hits[k]:5} of {total[k]:5}  {100 * hits[k] / total[k]:.1f} %" for k in sorted(total)]
    all_hits, all_total = sum(hits.values()), sum(total.values())
    return "\n".join(lines) + f"\nall {all_hits} of {all_total}  {100 * all_hits / all_total:.2f} %"


def cmd_evaluate(a):
    start(a)
    tower, model = load_stored(a)
    print(score(tower, model, Tokens(a.text), a.count))


# ---------------------------------------------------------------- export

SHOW = "{%- if part.type in ['image', 'video'] -%}{{- '<|vision_start|><|' + part.type + '_pad|><|vision_end|>' -}}{%- else -%}{{- part.text -}}{%- endif -%}"
BLOCK_NAMES = {"norm1": "ln1", "norm2": "ln2", "attn.qkv": "attn_qkv", "attn.proj": "attn_out", "mlp.linear_fc1": "ffn_up", "mlp.linear_fc2": "ffn_down"}


def write_mmproj(path, tower):
    import gguf
    c, w = VISION, gguf.GGUFWriter(str(path), "clip")
    w.add_name("Demo pictures")
    w.add_description("The vision tower of a tiny demonstration model, trained on generated pictures")
    w.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    w.add_bool("clip.has_vision_encoder", True)
    w.add_string("clip.projector_type", "qwen3vl_merger")
    w.add_bool("clip.use_gelu", True)
    for key, x in (("image_size", math.isqrt(c["num_position_embeddings"]) * c["patch_size"]), ("patch_size", c["patch_size"]), ("embedding_length", c["hidden_size"]),
                   ("feed_forward_length", c["intermediate_size"]), ("block_count", c["depth"]), ("attention.head_count", c["num_heads"]), ("projection_dim", c["out_hidden_size"]),
                   ("spatial_merge_size", c["spatial_merge_size"]), ("image_min_pixels", P.MIN_PIXELS), ("image_max_pixels", P.MAX_PIXELS)):
        w.add_uint32("clip.vision." + key, x)
    w.add_float32("clip.vision.attention.layer_norm_epsilon", 1e-6)
    w.add_array("clip.vision.image_mean", [0.5] * 3)
    w.add_array("clip.vision.image_std", [0.5] * 3)
    w.add_array("clip.vision.is_deepstack_layers", [False] * c["depth"])
    for n, x in tower.items():
        base, kind = n.rsplit(".", 1)
        x = np.ascontiguousarray(x, np.float32)
        if base == "patch_embed.proj" and kind == "weight":
            half = (x / 2).reshape(-1, 3, 16, 16)
            w.add_tensor("v.patch_embd.weight", half.astype(np.float16))
            w.add_tensor("v.patch_embd.weight.1", half.astype(np.float16))
            continue
        if base == "patch_embed.proj":
            g = "v.patch_embd.bias"
        elif base == "pos_embed":
            g = "v.position_embd.weight"
        elif base.startswith("blocks."):
            j, rest = base[7:].split(".", 1)
            g = f"v.blk.{j}.{BLOCK_NAMES[rest]}.{kind}"
        else:
            g = {"merger.norm": "v.post_ln", "merger.linear_fc1": "mm.0", "merger.linear_fc2": "mm.2"}[base] + "." + kind
        w.add_tensor(g, x if x.ndim == 1 else x.astype(np.float16))
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


def stored(state):
    """The weights as the files hold them: the tower in F16, the matrices of the text model in Q8_0."""
    import gguf, torch
    q8 = gguf.GGMLQuantizationType.Q8_0
    tower = {n: x.half().float() if x.dim() == 2 else x for n, x in state["tower"].items()}
    half = state["tower"]["patch_embed.proj.weight"] / 2
    tower["patch_embed.proj.weight"] = half.half().float() * 2
    text = {n: torch.from_numpy(gguf.dequantize(gguf.quantize(x.numpy(), q8), q8)) if x.dim() == 2 else x for n, x in state["text"].items()}
    return tower, text


def load_stored(a):
    import torch
    tower, model = vision(VISION), text_model(a.text)
    t, m = stored(torch.load(Path(a.dir) / a.save))
    tower.load_state_dict(t)
    model.load_state_dict(m)
    return tower.eval(), model.eval()


def cmd_export(a):
    torch = start(a)
    out, tok, state = Path(a.out), Tokens(a.text), torch.load(Path(a.dir) / a.save)
    out.mkdir(parents=True, exist_ok=True)
    T.CHAT_TEMPLATE = T.CHAT_TEMPLATE.replace("{{- part.text -}}", SHOW)
    T.write_gguf(out / "demo-vision-q8_0.gguf", {n: x.numpy() for n, x in state["text"].items()}, json.loads((Path(a.text) / "tokenizer.json").read_text(encoding="utf-8")), "q8_0",
                 name="Demo pictures and stories", mtp=False)
    write_mmproj(out / "mmproj-demo-vision-f16.gguf", {n: x.numpy() for n, x in state["tower"].items()})
    tower, model = load_stored(a)
    pictures, listing = out / "pictures", []
    pictures.mkdir(exist_ok=True)
    for i, kind in enumerate(["one", "one", "same", "pair", "pair", "digit", "digit", "bars", "bars", "same"]):
        j = i * 100
        while True:                                             # the first held-out picture of this kind from here on
            seed, j = HELD_OUT + 1000000 + j, j + 1
            sc = P.scene(random.Random(seed))
            if sc["kind"] == kind:
                break
        im = P.draw(sc)
        px, name = P.prepared(im), f"{kind}-{i}.png"
        im.save(pictures / name)
        qs = P.questions(sc, random.Random(seed))
        said = answers(tower, model, tok, px, [q for _, q, _ in qs])
        listing.append({"file": name, "questions": [{"kind": k, "question": q, "truth": t, "answer": s, "margin": round(m, 3)} for (k, q, t), (s, m) in zip(qs, said)]})
    note = ("answer: what the model answers (greedy), margin: the smallest one between its two best logits, truth: what is right; "
            "computed by torch in f32 from the stored weights")
    (pictures / "pictures.json").write_text(json.dumps({"note": note, "pictures": listing}, indent=1) + "\n", encoding="utf-8")
    print(score(tower, model, tok, a.count))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("command", choices=["shards", "text", "tower", "joint", "evaluate", "export"])
    p.add_argument("--dir", required=True)
    p.add_argument("--text")
    p.add_argument("--out")
    p.add_argument("--first", type=int, default=0)
    p.add_argument("--shards", type=int, default=60)
    p.add_argument("--docs", type=int, default=4000)
    p.add_argument("--minutes", type=float, default=10)
    p.add_argument("--until", type=float, default=0, help="stop at this time (seconds since 1970)")
    p.add_argument("--batch", type=int, default=32)
    p.add_argument("--per", type=int, default=3, help="questions for a picture in a batch")
    p.add_argument("--lr", type=float, default=0.001)
    p.add_argument("--muon", type=float, default=0.01)
    p.add_argument("--text-rate", type=float, default=0.5)
    p.add_argument("--tower-rate", type=float, default=0.15)
    p.add_argument("--tower-from", help="a checkpoint of a resumed first stage, to continue with its tower")
    p.add_argument("--text-from", help="a checkpoint of the second stage, to begin with its text model")
    p.add_argument("--text-every", type=int, default=3)
    p.add_argument("--aux", type=float, default=0.1)
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--log-every", type=int, default=20)
    p.add_argument("--eval-minutes", type=float, default=0)
    p.add_argument("--count", type=int, default=500)
    p.add_argument("--compile", action="store_true")
    p.add_argument("--resume")
    p.add_argument("--save", default="joint.pt")
    a = p.parse_args()
    {"shards": cmd_shards, "text": cmd_text, "tower": cmd_tower, "joint": cmd_joint, "evaluate": cmd_evaluate, "export": cmd_export}[a.command](a)


if __name__ == "__main__":
    main()
