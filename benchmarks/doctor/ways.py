"""Every way of writing an activation, in every kind of model: is it seen, or said to be unseen?

python -m benchmarks.doctor.ways    # prints the table and writes benchmarks/results/doctor_ways.txt
"""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.multiprocessing.spawn import spawn
from torch.utils.checkpoint import checkpoint

import nonlin
from nonlin.doctor.diagnose import diagnose
from nonlin.doctor.report import Report
from nonlin.files import write_text


class OwnReLU(torch.autograd.Function):
    """A ReLU as people write one to learn about autograd."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        passed: Tensor = grad * (x > 0)
        return passed


class Recurrent(nn.Module):
    """An LSTM whose gates are one fused operation."""

    def __init__(self, kind: type[nn.LSTM] | type[nn.GRU]) -> None:
        super().__init__()
        self.rnn = kind(WIDTH, WIDTH, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        rows = x if x.ndim == 3 else x.flatten(1)[:, :WIDTH].unsqueeze(1)
        y: Tensor = self.rnn(rows)[0]
        return x + y.mean()


class Attention(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        rows = x if x.ndim == 3 else x.flatten(2) if x.ndim == 4 else x.unsqueeze(1)
        y: Tensor = F.scaled_dot_product_attention(rows, rows, rows)
        return y.reshape(x.shape)


class Apply(nn.Module):
    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


class Frozen(nn.Module):
    """Runs under no_grad, as a frozen part does."""

    def forward(self, x: Tensor) -> Tensor:
        with torch.no_grad():
            y = torch.relu(x)
        return x + y


def scripted() -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return torch.jit.script(nn.Sequential(nn.ReLU()))


WIDTH: Final = 16
SEEN, SAID = "seen", "said unseen"
# way -> (the module, the catalogue's name that is seen; or a word of the line that says what is not)
WAYS: Final[dict[str, tuple[Callable[[], nn.Module], str, str]]] = {
    "nn.ReLU()": (nn.ReLU, SEEN, "relu"),
    "F.relu(x)": (lambda: Apply(F.relu), SEEN, "relu"),
    "torch.sigmoid(x)": (lambda: Apply(torch.sigmoid), SEEN, "sigmoid"),
    "x.relu_()": (lambda: Apply(lambda x: x.mul(1).relu_()), SEEN, "relu"),
    "x.clamp(min=0)": (lambda: Apply(lambda x: x.clamp(min=0)), SEEN, "relu"),
    "torch.maximum(x, zeros)": (lambda: Apply(lambda x: torch.maximum(x, torch.zeros_like(x))), SEEN, "relu"),
    "torch.where(x > 0, x, 0.1 * x)": (lambda: Apply(lambda x: torch.where(x > 0, x, 0.1 * x)), SEEN, "leaky_relu"),
    "x * (x > 0)": (lambda: Apply(lambda x: x * (x > 0)), SEEN, "relu"),
    "1 / (1 + torch.exp(-x))": (lambda: Apply(lambda x: 1 / (1 + torch.exp(-x))), SEEN, "sigmoid"),
    "autograd.Function": (lambda: Apply(OwnReLU.apply), SEEN, "relu"),
    "nonlin.Mish()": (lambda: nonlin.Mish(), SEEN, "mish"),
    "nonlin.functional.gelu(x)": (lambda: Apply(nonlin.functional.gelu), SEEN, "gelu"),
    "nn.LSTM": (lambda: Recurrent(nn.LSTM), SAID, "lstm is one operation"),
    "nn.GRU": (lambda: Recurrent(nn.GRU), SAID, "gru is one operation"),
    "scaled_dot_product_attention": (Attention, SEEN, "softmax"),
    "under torch.no_grad()": (Frozen, SEEN, "relu"),
    "torch.jit.script": (scripted, SAID, "scripted code"),
    "checkpoint, not reentrant": (lambda: Apply(lambda x: checkpoint(torch.relu, x, use_reentrant=False)), SEEN, "relu"),
    "checkpoint, reentrant": (lambda: Apply(lambda x: checkpoint(torch.relu, x, use_reentrant=True)), SAID, "reentrant checkpoint"),
}  # fmt: skip


class ResNet(nn.Module):
    """One stem, one residual block with batch norm, a head."""

    def __init__(self, way: nn.Module) -> None:
        super().__init__()
        self.stem, self.norm1 = nn.Conv2d(3, WIDTH, 3, padding=1), nn.BatchNorm2d(WIDTH)
        self.conv, self.norm2 = nn.Conv2d(WIDTH, WIDTH, 3, padding=1), nn.BatchNorm2d(WIDTH)
        self.way, self.head = way, nn.Linear(WIDTH, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm1(self.stem(x))
        x = x + self.way(self.norm2(self.conv(x)))
        out: Tensor = self.head(x.mean((2, 3)))
        return out


class Transformer(nn.Module):
    """One pre-norm block, its output a mapping with logits, as transformers' models return it."""

    def __init__(self, way: nn.Module) -> None:
        super().__init__()
        self.embed, self.norm1, self.norm2 = nn.Embedding(50, WIDTH), nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.q, self.k, self.v, self.o = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.up, self.way, self.down, self.head = (
            nn.Linear(WIDTH, WIDTH),
            way,
            nn.Linear(WIDTH, WIDTH),
            nn.Linear(WIDTH, 5),
        )

    def forward(self, tokens: Tensor) -> dict[str, Tensor]:
        x = self.embed(tokens)
        h = self.norm1(x)
        weights = torch.softmax(self.q(h) @ self.k(h).transpose(1, 2) / WIDTH**0.5, -1)
        x = x + self.o(weights @ self.v(h))
        x = x + self.down(self.way(self.up(self.norm2(x))))
        return {"logits": self.head(x.mean(1))}


class LSTM(nn.Module):
    def __init__(self, way: nn.Module) -> None:
        super().__init__()
        self.embed, self.rnn = nn.Embedding(50, WIDTH), nn.LSTM(WIDTH, WIDTH, batch_first=True)
        self.hidden, self.way, self.head = nn.Linear(WIDTH, WIDTH), way, nn.Linear(WIDTH, 5)

    def forward(self, tokens: Tensor) -> Tensor:
        out: Tensor = self.head(self.way(self.hidden(self.rnn(self.embed(tokens))[0][:, -1])))
        return out


def images() -> Tensor:
    return torch.randn(8, 3, 8, 8)


def tokens() -> Tensor:
    return torch.randint(0, 50, (8, 12))


HOSTS: Final[dict[str, tuple[Callable[[nn.Module], nn.Module], Callable[[], Tensor]]]] = {
    "ResNet": (ResNet, images),
    "transformer": (Transformer, tokens),
    "LSTM": (LSTM, tokens),
    "compiled": (lambda way: torch.compile(ResNet(way)), images),  # type: ignore[dict-item, return-value]
    "DataParallel": (lambda way: nn.DataParallel(ResNet(way)), images),
}
DISTRIBUTED: Final = "DDP, 2 ranks"


def report_of(host: Callable[[nn.Module], nn.Module], batch: Callable[[], Tensor], way: nn.Module) -> Report:
    torch.manual_seed(0)
    return diagnose(host(way), batch(), torch.randint(0, 5, (8,)), loss="cross_entropy")


def verdict(report: Report, kind: str, what: str) -> str:
    """``seen``, ``said unseen``, or ``MISSED``."""
    if kind == SAID:
        return SAID if any(what in why for why in report.unseen.values()) else "MISSED"
    return SEEN if any(a.name == what and a.path.split(".")[0] == "way" for a in report.activations) else "MISSED"


def table(hosts: Any = None) -> dict[str, dict[str, str]]:
    """For each way the verdict in each host."""
    found: dict[str, dict[str, str]] = {}
    for name, (make, kind, what) in WAYS.items():
        for host, (build, batch) in (hosts or HOSTS).items():
            found.setdefault(name, {})[host] = verdict(report_of(build, batch, make()), kind, what)
    return found


def _rank(rank: int, port_file: str, results: str) -> None:
    torch.distributed.init_process_group("gloo", init_method=f"file://{port_file}", rank=rank, world_size=2)
    torch.set_num_threads(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = table({DISTRIBUTED: (lambda way: nn.parallel.DistributedDataParallel(ResNet(way)), images)})
    torch.save(found, f"{results}.{rank}")
    torch.distributed.destroy_process_group()


def distributed() -> dict[str, dict[str, str]]:
    """The same under DistributedDataParallel with two gloo ranks; what the ranks disagree on is MISSED."""
    with tempfile.TemporaryDirectory() as folder:
        results = os.path.join(folder, "found")
        spawn(_rank, (os.path.join(folder, "store"), results), nprocs=2)
        one, two = (torch.load(f"{results}.{rank}") for rank in range(2))
    return {way: {host: v if two[way][host] == v else "MISSED" for host, v in row.items()} for way, row in one.items()}


def main() -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = table()
    for way, row in distributed().items():
        found[way] |= row
    hosts = list(next(iter(found.values())))
    lines = [f"{'':32}" + "".join(f"{host:>15}" for host in hosts)]
    lines += [f"{way:32}" + "".join(f"{row[host]:>15}" for host in hosts) for way, row in found.items()]
    missed = sum(v == "MISSED" for row in found.values() for v in row.values())
    lines.append(f"{len(found)} ways x {len(hosts)} kinds of model, {missed} missed; torch {torch.__version__}")
    text = "\n".join(lines) + "\n"
    write_text(Path(__file__).parents[1] / "results" / "doctor_ways.txt", text)
    print(text, end="")
    return int(missed > 0)


if __name__ == "__main__":
    raise SystemExit(main())
