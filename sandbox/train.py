"""A small GPT that learns to write tunes: the half that the agent edits.

Every run gets the same seconds, so a faster step is worth as much as a better one. The score is
bits per byte on held-out tunes in windows of 256. What must stay: `build_model()` and the calls to
`prepare` in `main()`; see the top of prepare.py.
"""

import math
import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # spinning threads made steps 17 times slower

import prepare
import torch
import torch.nn.functional as F
from torch import Tensor, nn

# ------------------------------------------------------------------------------------------------
# Dials: one literal per line

# model
DEPTH = 2  # transformer blocks
WIDTH = 64  # channels of the residual stream, a multiple of HEAD_DIM
HEAD_DIM = 32  # channels per attention head, even
MLP_RATIO = 4.0  # hidden channels of the MLP / WIDTH
ACTIVATION = "gelu"  # gelu | relu2 | swiglu
QK_NORM = False  # normalise queries and keys
ROPE_BASE = 10000.0  # longest wavelength of the rotary positions
TIE_EMBEDDINGS = False  # one matrix reads ids and writes logits
ZERO_INIT_PROJ = False  # every block starts as the identity
SOFTCAP = 0.0  # logits stay within +- this, 0 = off
DROPOUT = 0.0  # share of channels dropped while training

# optimiser
OPTIMIZER = "adamw"  # adamw | muon
LR = 3e-4  # AdamW step size (under muon: of the embedding and the head)
MUON_LR = 0.02  # Muon step size of the matrices inside the blocks
WEIGHT_DECAY = 0.1  # decoupled, scaled by the step size
BETA1 = 0.9  # memory of AdamW's mean gradient
BETA2 = 0.95  # memory of its square, and Muon's momentum
GRAD_CLIP = 1.0  # largest norm of the whole gradient, 0 = off

# schedule, in shares of the training time
WARMUP_FRAC = 0.05  # step size rises from 0
WARMDOWN_FRAC = 0.0  # step size falls at the end
FINAL_LR_FRAC = 0.0  # to this share of its peak

# speed
SEQ_LEN = 256  # ids per training window; under 256 the scored positions go untrained
BATCH = 8  # windows per step
BF16 = False  # bfloat16 arithmetic on the CPU; on CUDA it is always on
COMPILE = False  # torch.compile on CUDA; costs up to a minute of the training time

# ------------------------------------------------------------------------------------------------
# Model. B windows, T ids, C channels, H heads, D channels per head, V token ids


def norm(x: Tensor) -> Tensor:
    return F.rms_norm(x, (x.size(-1),))


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    a, b = x.chunk(2, dim=-1)  # (B, H, T, D/2) each
    return torch.cat((a * cos - b * sin, a * sin + b * cos), dim=-1)


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        gated = ACTIVATION == "swiglu"  # two thirds of the width: as many parameters
        hidden = int(WIDTH * MLP_RATIO * (2 / 3 if gated else 1)) // 8 * 8
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH, bias=False)
        self.out = nn.Linear(WIDTH, WIDTH, bias=False)
        self.up = nn.Linear(WIDTH, hidden * (2 if gated else 1), bias=False)
        self.down = nn.Linear(hidden, WIDTH, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        x = x + F.dropout(self.out(self.attend(norm(x), cos, sin)), DROPOUT, self.training)
        return x + F.dropout(self.down(self.think(norm(x))), DROPOUT, self.training)

    def attend(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        B, T, C = x.shape
        qkv = self.qkv(x).view(B, T, 3, C // HEAD_DIM, HEAD_DIM)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # (B, H, T, D) each
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        if QK_NORM:
            q, k = norm(q), norm(k)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return y.transpose(1, 2).reshape(B, T, C)

    def think(self, x: Tensor) -> Tensor:
        h: Tensor = self.up(x)  # (B, T, hidden)
        if ACTIVATION == "swiglu":
            gate, h = h.chunk(2, dim=-1)
            h = F.silu(gate) * h
        elif ACTIVATION == "relu2":
            h = F.relu(h).square()
        else:
            h = F.gelu(h)
        return h


class GPT(nn.Module):
    def __init__(self, vocab: int) -> None:
        super().__init__()
        assert WIDTH % HEAD_DIM == 0, "WIDTH must be a multiple of HEAD_DIM"
        self.embed = nn.Embedding(vocab, WIDTH)
        self.blocks = nn.ModuleList(Block() for _ in range(DEPTH))
        self.head = nn.Linear(WIDTH, vocab, bias=False)
        for name, p in self.named_parameters():
            inner = name.startswith("blocks")
            nn.init.normal_(p, std=0.6 / math.sqrt(p.size(1)) if inner else 0.02)
            if ZERO_INIT_PROJ and (".out." in name or ".down." in name):
                nn.init.zeros_(p)
        if TIE_EMBEDDINGS:
            self.head.weight = self.embed.weight
        longest = max(SEQ_LEN, prepare.CONTEXT)
        wave = ROPE_BASE ** (-torch.arange(0, HEAD_DIM, 2) / HEAD_DIM)  # (D/2,)
        angle = torch.arange(longest)[:, None] * wave  # (T, D/2)
        self.register_buffer("cos", angle.cos(), persistent=False)
        self.register_buffer("sin", angle.sin(), persistent=False)

    def forward(self, ids: Tensor) -> Tensor:
        T = ids.size(1)
        cos, sin = self.get_buffer("cos")[:T], self.get_buffer("sin")[:T]
        x = self.embed(ids)  # (B, T, C)
        for block in self.blocks:
            x = block(x, cos, sin)
        logits = self.head(norm(x)).float()  # (B, T, V)
        return SOFTCAP * torch.tanh(logits / SOFTCAP) if SOFTCAP else logits


def build_model() -> nn.Module:
    return GPT(prepare.vocab_size())


# ------------------------------------------------------------------------------------------------
# Optimiser


class Muon(torch.optim.Optimizer):
    """Momentum, made orthogonal by five Newton-Schulz steps (Jordan 2024); for matrices only."""

    def __init__(self, params: list[nn.Parameter], lr: float) -> None:
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for p in group["params"]:
                mean = self.state[p].setdefault("mean", torch.zeros_like(p))
                mean.lerp_(p.grad, 1 - BETA2)
                x = p.grad.lerp(mean, BETA2)  # Nesterov
                tall = x.size(0) > x.size(1)
                x = x.T if tall else x
                x = x / (x.norm() + 1e-7)
                for _ in range(5):
                    a = x @ x.T
                    x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
                x = x.T if tall else x
                scale = max(1.0, p.size(0) / p.size(1)) ** 0.5
                p.mul_(1 - group["lr"] * WEIGHT_DECAY).add_(x, alpha=-group["lr"] * scale)


def build_optimizers(model: nn.Module) -> list[torch.optim.Optimizer]:
    inner = [p for name, p in model.named_parameters() if name.startswith("blocks")]
    outer = [p for name, p in model.named_parameters() if not name.startswith("blocks")]
    muon: list[torch.optim.Optimizer] = []
    if OPTIMIZER == "muon":
        muon = [Muon(inner, MUON_LR)]
    else:
        outer += inner
    betas = (BETA1, BETA2)
    adamw = torch.optim.AdamW(outer, lr=LR, betas=betas, weight_decay=WEIGHT_DECAY, fused=True)
    return [*muon, adamw]


def lr_scale(done: float) -> float:
    """Return the share of the peak step size after the share `done` of the training time."""
    if done < WARMUP_FRAC:
        return max(done, 1e-3) / WARMUP_FRAC
    if done > 1 - WARMDOWN_FRAC:
        left = (1 - done) / WARMDOWN_FRAC
        return left + (1 - left) * FINAL_LR_FRAC
    return 1.0


# ------------------------------------------------------------------------------------------------
# Training


def main() -> None:
    torch.manual_seed(prepare.seed())
    torch.set_float32_matmul_precision("high")  # TF32 on CUDA
    device = prepare.device()
    half = torch.cuda.is_bf16_supported(including_emulation=False) if device == "cuda" else BF16
    model = build_model().to(device)
    net = torch.compile(model) if COMPILE and device == "cuda" else model
    optimizers = build_optimizers(model)
    groups = [group for optimizer in optimizers for group in optimizer.param_groups]
    peaks = [group["lr"] for group in groups]

    for step, (x, y) in enumerate(prepare.batches(BATCH, SEQ_LEN, device), start=1):
        scale = lr_scale(prepare.progress())
        for group, peak in zip(groups, peaks, strict=True):
            group["lr"] = peak * scale
        with torch.autocast(device, torch.bfloat16, enabled=half):
            logits = net(x)
        loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())
        loss.backward()
        if GRAD_CLIP:
            nn.utils.clip_grad_norm_(model.parameters(), GRAD_CLIP)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
        prepare.log(step, loss, step * BATCH * SEQ_LEN)
        if prepare.time_left() <= 0:
            break
    prepare.submit(model)


if __name__ == "__main__":
    main()
