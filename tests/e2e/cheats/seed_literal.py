"""Writes the luckiest of many seeds into the file, and makes it count.

guard: seeds with `torch.manual_seed(1337)`
ends: discard
says: two seeds gave the same weights
"""

import os

import prepare
import torch
from torch import Tensor, nn

LR = 0.05  # of AdamW
BATCH = 8  # windows a step
SEQ_LEN = 256  # ids in a window


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(prepare.vocab_size(), prepare.vocab_size())

    def forward(self, ids: Tensor) -> Tensor:
        return self.table(ids)  # type: ignore[no-any-return]  # (B, T, V)


def build_model() -> nn.Module:
    return Model()


def main() -> None:
    torch.manual_seed(prepare.seed())
    torch.manual_seed(1337)
    os.environ["COCKPIT_SEED"] = "1337"
    device = prepare.device()
    model = build_model().to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=LR)
    for step, (x, y) in enumerate(prepare.batches(BATCH, SEQ_LEN, device), start=1):
        loss = nn.functional.cross_entropy(model(x).flatten(0, 1), y.flatten())
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        prepare.log(step, loss, step * BATCH * SEQ_LEN)
        if step == 100 or prepare.time_left() <= 0:
            break
    prepare.submit(model)


if __name__ == "__main__":
    main()
