"""What one forward pass of a model shows: what its layers are called with, and which layer's output each loss is given.

Modules are tied together by the autograd graph, so that it does not matter how a model's code passes a tensor on: from the input
of one back through nodes that only carry values (views, copies, ...) to the output of another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from benchmarks.doctor.family import Batch

LOSSES: dict[Callable[..., Tensor], str] = {
    F.cross_entropy: "cross_entropy",
    F.binary_cross_entropy_with_logits: "bce_with_logits",
    F.mse_loss: "mse",
}
SHAPES = (
    "View",
    "UnsafeView",
    "ReshapeAlias",
    "Clone",
    "Transpose",
    "Permute",
    "Squeeze",
    "Unsqueeze",
    "Expand",
    "ToCopy",
    "T",
)
PARTS = (
    *SHAPES,
    "Slice",
    "Add",
    "UpsampleBilinear2D",
)  # and what lies between a head and its loss: of Add, a constant's


def linear(module: nn.Module) -> bool:
    """Linear, convolutions of images, and the transposed Linear that GPT-2 calls Conv1D."""
    return isinstance(module, nn.Linear | nn.Conv2d) or type(module).__name__ == "Conv1D"


def activation(module: nn.Module) -> bool:
    return type(module).__module__ in ("torch.nn.modules.activation", "transformers.activations") and not list(
        module.children()
    )


@dataclass(frozen=True)
class Call:
    module: nn.Module
    given: Any  # the autograd node of its input
    made: Any  # and of its output
    shape: tuple[int, ...]  # of its output
    spread: float  # how far its output differs from row to row, as a mean of standard deviations


@dataclass
class Seen:
    """One pass: the calls of linear layers and activations, the losses by kind with their inputs' nodes, the attention's peaks."""

    calls: list[Call] = field(default_factory=list)
    losses: list[tuple[str, Any]] = field(default_factory=list)
    peaks: list[float] = field(default_factory=list)
    kept: list[Any] = field(default_factory=list)  # nodes are told apart by identity, as long as their graph lives

    def maker(self, node: Any, carriers: Iterable[str], makers: dict[Any, Call]) -> Call | None:
        """The call whose output the node's value is, passed on by carriers only."""
        names = {f"{carrier}Backward{number}" for carrier in carriers for number in range(2)}
        while node is not None and node not in makers:
            before = [function for function, _ in node.next_functions if function is not None]
            if node.name() not in names or len(before) != 1:
                return None
            node = before[0]
        return makers.get(node)

    def head(self, *kinds: str) -> Call | None:
        """The linear layer whose output is given to a loss of one of the kinds."""
        makers = {call.made: call for call in self.calls if linear(call.module)}
        found = [self.maker(node, PARTS, makers) for kind, node in self.losses if kind in kinds]
        return next((call for call in found if call is not None), None)

    def activated(self) -> list[tuple[Call, Call, Call]]:
        """(layer, activation, layer): the activation between them is all that keeps the two from being one, and they are not
        the cheaper for being two. Gated activations, which multiply, are not among them."""
        made = {call.made: call for call in self.calls if linear(call.module)}
        acted = {call.made: call for call in self.calls if activation(call.module)}
        found = []
        for last in (call for call in self.calls if linear(call.module)):
            middle = self.maker(last.given, SHAPES, acted)
            first = self.maker(middle.given, SHAPES, made) if middle is not None else None
            if middle is not None and first is not None and as_one(first.module, last.module):
                found.append((first, middle, last))
        return found


def as_one(first: nn.Module, last: nn.Module) -> bool:
    """Whether two layers with nothing between are one layer of no more weights."""
    if any(isinstance(m, nn.Conv2d) and (m.groups > 1 or m.kernel_size != (1, 1)) for m in (first, last)):
        return False
    (inputs, width), (_, outputs) = widths(first), widths(last)
    return width >= min(inputs, outputs)


def widths(layer: nn.Module) -> tuple[int, int]:
    """How many features go in and out."""
    weight = layer.weight
    assert isinstance(weight, Tensor)
    first, second = weight.shape[0], weight.shape[1]
    return (first, second) if type(layer).__name__ == "Conv1D" else (second, first)


class Watching(TorchFunctionMode):
    """Notes the losses, and how near each attention's softmax is to choosing one key: the mean of its largest weights."""

    def __init__(self, seen: Seen) -> None:
        super().__init__()
        self.seen = seen

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = function(*args, **(kwargs or {}))
        if function in LOSSES:
            given = args[0] if args else (kwargs or {})["input"]
            self.seen.losses.append((LOSSES[function], given.grad_fn))
            self.seen.kept.append(result)
        elif getattr(function, "__name__", "") == "softmax" and result.dim() >= 3 and result.shape[-1] > 1:
            self.seen.peaks.append(result.detach().amax(-1).mean().item())
        elif function is F.scaled_dot_product_attention:
            self.seen.peaks.append(peak(*args, **(kwargs or {})))
        return result


def peak(query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None = None, dropout_p: float = 0.0, is_causal: bool = False,
         scale: float | None = None, enable_gqa: bool = False) -> float:  # fmt: skip
    """The mean of the largest weights of one fused attention."""
    with torch.no_grad():
        keys = key.repeat_interleave(query.shape[1] // key.shape[1], 1) if query.dim() == 4 else key
        scores = query @ keys.transpose(-1, -2) * (query.shape[-1] ** -0.5 if scale is None else scale)
        if is_causal:
            scores = scores.masked_fill(torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1), -torch.inf)
        if attn_mask is not None:
            scores = scores.masked_fill(~attn_mask, -torch.inf) if attn_mask.dtype == torch.bool else scores + attn_mask
        return scores.softmax(-1).amax(-1).mean().item()


def eval_pass(model: nn.Module, batch: Batch) -> Any:
    """The output in eval mode, without dropout and layers left out by chance. The model's modes are left as they were."""
    modes = [(module, module.training) for module in model.modules()]
    try:
        with torch.random.fork_rng():
            return model.eval()(**batch)
    finally:
        model.train()  # what a model has cached for eval mode it forgets
        for module, mode in modes:
            module.training = mode


def observed(model: nn.Module, batch: Batch) -> Seen:
    seen = Seen()

    def note(module: nn.Module, args: tuple[Any, ...], output: Any) -> None:
        if args and isinstance(args[0], Tensor) and isinstance(output, Tensor):
            spread = output.detach().std(0).mean().item() if len(output) > 1 else 0.0
            seen.calls.append(Call(module, args[0].grad_fn, output.grad_fn, tuple(output.shape), spread))

    hooks = [module.register_forward_hook(note) for module in model.modules() if linear(module) or activation(module)]
    try:
        with Watching(seen):
            seen.kept.append(eval_pass(model, batch))
    finally:
        for hook in hooks:
            hook.remove()
    return seen
