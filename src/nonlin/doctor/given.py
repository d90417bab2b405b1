"""What :func:`nonlin.diagnose` is given, made uniform: how to call the model, what its output is, what the loss is."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any, Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nonlin.errors import ArgumentError, suggestion

Loss = Callable[[Any, Any], Tensor]
LOSSES: Final[dict[str, Loss]] = {
    "cross_entropy": F.cross_entropy, "nll": F.nll_loss, "bce": F.binary_cross_entropy, "bce_with_logits": F.binary_cross_entropy_with_logits,
    "mse": F.mse_loss, "l1": F.l1_loss, "smooth_l1": F.smooth_l1_loss, "huber": F.huber_loss, "kl_div": F.kl_div, "poisson_nll": F.poisson_nll_loss,
}  # fmt: skip


def loss_function(loss: Any) -> Loss | None:
    """A loss as a callable of (output, target): a callable, a module, or one of the names in :data:`LOSSES`."""
    if loss is None or callable(loss):
        return loss  # type: ignore[no-any-return]
    if isinstance(loss, str):
        name = loss.lower().removesuffix("_loss").removesuffix("loss")
        if name in LOSSES:
            return LOSSES[name]
        raise ArgumentError(
            f"loss={loss!r}: expected a callable loss(output, target), or one of {', '.join(LOSSES)}{suggestion(name, LOSSES)}"
        )
    raise ArgumentError(
        f"loss is a {type(loss).__name__}; expected a callable loss(output, target) or a name such as 'cross_entropy'"
    )


def copied(value: Any) -> Any:
    """The same structure with its tensors copied: a model may write into what it is given."""
    if isinstance(value, Tensor):
        fresh = value.detach().clone()
        return fresh.requires_grad_() if value.requires_grad else fresh
    if isinstance(value, Mapping):
        return {k: copied(v) for k, v in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(copied(v) for v in value))
    if isinstance(value, (list, tuple)):
        return type(value)(copied(v) for v in value)
    return copy.copy(value) if hasattr(value, "__dict__") else value


def called(model: nn.Module, batch: Any) -> Any:
    """``model(batch)``; a tuple or list is ``model(*batch)``, a mapping ``model(**batch)``."""
    if isinstance(batch, Mapping):
        return model(**batch)
    if isinstance(batch, (tuple, list)):
        return model(*batch)
    return model(batch)


def tensors(value: Any) -> list[Tensor]:
    """Every tensor of a nested structure, in order."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, Mapping):
        return [t for v in value.values() for t in tensors(v)]
    if isinstance(value, (list, tuple)):
        return [t for v in value for t in tensors(v)]
    if hasattr(value, "__dataclass_fields__"):
        return [t for k in value.__dataclass_fields__ for t in tensors(getattr(value, k))]
    return []


def own_loss(output: Any) -> Tensor | None:
    """The loss that a model hands back itself, as those of transformers do when they are given labels."""
    loss = output.get("loss") if isinstance(output, Mapping) else getattr(output, "loss", None)
    return loss if isinstance(loss, Tensor) else None


def prediction(output: Any) -> Any:
    """The tensor that a loss given by name is about: the output itself, its ``logits``, or the first tensor in it."""
    if isinstance(output, Tensor):
        return output
    logits = output.get("logits") if isinstance(output, Mapping) else getattr(output, "logits", None)
    if isinstance(logits, Tensor):
        return logits
    found = tensors(output)
    return found[0] if found else output


def shapes(value: Any) -> str:
    """``(64, 784) float32``: what a batch is, for messages."""
    found = tensors(value)
    if not found:
        return type(value).__name__
    return ", ".join(f"{tuple(t.shape)} {str(t.dtype).removeprefix('torch.')}" for t in found[:6]) + (
        ", ..." if len(found) > 6 else ""
    )


def batch_size(batch: Any) -> int | None:
    """The length of the first axis that all tensors of a batch share, None where they do not."""
    lengths = {t.shape[0] for t in tensors(batch) if t.ndim}
    return lengths.pop() if len(lengths) == 1 else None


def unwrapped(model: nn.Module) -> tuple[nn.Module, str | None]:
    """The model inside DistributedDataParallel, DataParallel and torch.compile, and what was taken off: a diagnosis joins no
    collective and compiles nothing."""
    off = []
    while True:
        if isinstance(model, (nn.parallel.DistributedDataParallel, nn.DataParallel)):
            off.append(type(model).__name__)
            model = model.module
        elif isinstance(inner := getattr(model, "_orig_mod", None), nn.Module):
            off.append("torch.compile")
            model = inner
        else:
            return model, ", ".join(off) or None


def check(model: Any, batch: Any, target: Any, loss: Any, optimizer: Any) -> None:
    """Refuse what no diagnosis can be made of."""
    check_model(model)
    if any(p.is_meta for p in model.parameters()):
        raise ArgumentError(
            "the model lies on the meta device, where there are no numbers; move it with to_empty() and initialise it"
        )
    sizes = [t.shape[0] for t in tensors(batch) if t.ndim]
    if sizes and not any(sizes):
        raise ArgumentError(f"the batch is empty, {shapes(batch)}; give one as it comes in training")
    if isinstance(loss, str) and target is None:
        raise ArgumentError(f"loss={loss!r} compares the output with a target, and none was given; pass target=")
    if optimizer is None:
        return
    if not isinstance(optimizer, torch.optim.Optimizer):
        raise ArgumentError(
            f"optimizer is a {type(optimizer).__name__}; expected a torch.optim.Optimizer over the model's parameters"
        )
    held = {id(p) for group in optimizer.param_groups for p in group["params"]}
    if not any(id(p) in held for p in model.parameters()):
        raise ArgumentError("the optimizer holds none of the model's parameters; make it of model.parameters()")


def check_model(model: Any) -> None:
    """Refuse what is no module, or has no weights yet."""
    if not isinstance(model, nn.Module):
        raise ArgumentError(f"model is a {type(model).__name__}; expected a torch.nn.Module")
    lazy = [name for name, p in model.named_parameters() if nn.parameter.is_lazy(p)]
    if lazy:
        raise ArgumentError(f"the model is lazy: {lazy[0]} has no shape yet; run the model on a batch first")
