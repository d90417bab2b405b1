"""However an activation is written, and in whatever kind of model, it is seen, or the report says that it is not."""

from __future__ import annotations

import warnings

import pytest
import torch

from benchmarks.doctor import ways


@pytest.mark.parametrize("host", ways.HOSTS)
@pytest.mark.filterwarnings("ignore:.*checkpoint.*", "ignore:`torch.jit.script:DeprecationWarning")
def test_every_way_in(host: str) -> None:
    found = ways.table({host: ways.HOSTS[host]})
    assert {way: row[host] for way, row in found.items() if row[host] == "MISSED"} == {}
    assert {row[host] for row in found.values()} == {ways.SEEN, ways.SAID}


@pytest.mark.skipif(not torch.distributed.is_available(), reason="this build of torch has no torch.distributed")
def test_every_way_under_ddp_with_two_ranks() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = ways.distributed()
    assert [way for way, row in found.items() if "MISSED" in row.values()] == []
    assert len(found) == len(ways.WAYS)


def test_a_way_that_is_not_seen_is_told() -> None:
    """The judge itself: a report without the activation is no pass."""
    host, batch = ways.HOSTS["ResNet"]
    report = ways.report_of(host, batch, torch.nn.Identity())
    assert ways.verdict(report, ways.SEEN, "relu") == "MISSED"
    assert ways.verdict(report, ways.SAID, "lstm is one operation") == "MISSED"
