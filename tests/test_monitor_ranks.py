"""The monitor in two processes: pooled figures, the same in both, whatever their keys."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.multiprocessing.spawn import start_processes

from nonlin.doctor.monitor import Monitor

pytestmark = pytest.mark.skipif(
    not (dist.is_available() and dist.is_gloo_available()), reason="this torch was built without gloo"
)
STEPS = 5


class Net(nn.Module):
    """Two units of the ReLU are silent where the first input is 0, two others where the second is."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.relu, self.tail = nn.Linear(2, 6, bias=False), nn.ReLU(), nn.Linear(6, 1)
        with torch.no_grad():
            self.layer.weight.copy_(torch.tensor([[1.0, 0], [1, 0], [0, 1], [0, 1], [-1, -1], [1, 1]]))

    def forward(self, x: Tensor, more: bool) -> Tensor:
        x = self.relu(self.layer(x))
        return self.tail(torch.tanh(x) if more else x)  # type: ignore[no-any-return]


def process(rank: int, folder: str) -> None:
    """The second process runs a tanh from the second step on; its numbers are not finite in the last."""
    torch.set_num_threads(1)
    dist.init_process_group(
        "gloo", init_method=f"file://{folder}/store", rank=rank, world_size=2, timeout=timedelta(seconds=20)
    )
    calls: list[int] = []
    reduce = dist.all_reduce

    def counted(*args: Any, **kwargs: Any) -> Any:
        calls.append(args[0].numel())
        return reduce(*args, **kwargs)

    told: dict[str, Any] = {"figures": [], "collectives": []}
    model = Net()
    with Monitor(model, every=1) as monitor, Monitor(model, every=1, reduce=False) as alone:
        for step in range(STEPS):
            x = torch.zeros(600, 2)
            x[:, rank] = 1 + rank
            if rank == 1 and step == STEPS - 1:
                x[0, 1] = torch.inf
            model(x, more=rank == 1 and step > 0).sum().backward()
            calls.clear()
            dist.all_reduce = counted
            told["figures"].append(monitor.step())
            dist.all_reduce = reduce
            told["collectives"].append(len(calls))
            told["alone"] = alone.step()
            model.zero_grad()
    Path(folder, f"{rank}.json").write_text(json.dumps(told), encoding="utf-8")
    dist.destroy_process_group()


def test_two_processes(tmp_path: Path) -> None:
    start_processes(process, (str(tmp_path),), nprocs=2, start_method="spawn")
    first, second = (json.loads((tmp_path / f"{rank}.json").read_text(encoding="utf-8")) for rank in (0, 1))
    assert str(first["figures"]) == str(second["figures"])  # as text: NaN is not equal to itself
    begin, changed, later, *_, last = first["figures"]
    assert begin["relu.ReLU/dead"] == 1 / 6, "of two units silent in one process each works in the other"
    # rows (1 1 0 0 0 1) in one process, (0 0 2 2 0 2) in the other
    assert begin["relu.ReLU/rms"] == pytest.approx((15 / 12) ** 0.5)
    assert "relu.ReLU/dead" not in first["alone"], "600 positions are too few for one process"
    assert first["alone"]["relu.ReLU/rms"] == pytest.approx(0.5**0.5)
    assert "tanh/rms" not in begin
    assert changed["tanh/rms"] == later["tanh/rms"] == second["figures"][1]["tanh/rms"]
    # the first gathers the keys before it adds, the second finds a new one in what it adds; all others need one collective
    assert first["collectives"] == second["collectives"] == [1, 2, 1, 1, 1]
    assert begin["nonfinite"] == 0
    assert last["nonfinite"] > 0
