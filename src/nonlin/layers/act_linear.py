"""An activation followed by a linear map, keeping the pre-activation alone."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from nonlin import registry
from nonlin.layers.checks import check_features, check_linear, check_sizes
from nonlin.layers.recompute import activated_linear


class ActLinear(nn.Module):
    r"""Computes ``linear(act(input))`` and keeps the input, but not ``act(input)``, for the backward.

    .. math:: y = W\,f(x) + b

    Composed of two modules, the activation keeps its input and the linear map the activation's output. Here the output
    is computed again in the backward, for the weight's gradient: half the memory, for one more pass of the activation.
    The results and the gradients are the same, of every order.

    Args:
        in_features: the size of the last dimension of ``act(input)``, as of the input unless ``act`` is gated.
        out_features: the size of the last dimension of the result.
        act: whatever :func:`nonlin.get` accepts: a name such as ``"gelu"`` or ``"leaky_relu(0.2)"``, a module, a class,
            a callable, an :class:`nonlin.Activation`.
        bias: whether the linear map adds one.
        recompute: False composes the two modules, quicker where the tensors are small. They are composed too where the
            activation is not known to give the same numbers twice (a callable or module of your own, one that draws at
            random or works in place), where the weight is frozen (then nothing keeps the activation's output), where
            hooks watch the inner modules or they were replaced, and under torch.compile, torch.export, torch.func and
            other tracers.
        device, dtype: of the parameters, the activation's included.

    Attributes:
        act: the activation, an ``nn.Module``.
        linear: the linear map, an ``nn.Linear``: ``state_dict`` has ``linear.weight``, ``linear.bias`` and what the
            activation learns, such as ``act.weight``.

    Example:
        >>> import torch, nonlin
        >>> layer = nonlin.ActLinear(8, 2, act="gelu")
        >>> layer
        ActLinear(
          in_features=8, out_features=2, recompute=True
          (act): GELU(approximate='none')
          (linear): Linear(in_features=8, out_features=2, bias=True)
        )
        >>> x = torch.randn(4, 8)
        >>> torch.equal(layer(x), layer.linear(layer.act(x)))
        True
    """

    def __init__(
        self, in_features: int, out_features: int, act: Any = "relu", *, bias: bool = True, recompute: bool = True,
        device: Any = None, dtype: torch.dtype | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        check_sizes("ActLinear", in_features=in_features, out_features=out_features)
        linear = nn.Linear(in_features, out_features, bias=bias, device=device, dtype=dtype)
        self._hold(linear, act, recompute)

    def _hold(self, linear: nn.Linear, act: Any, recompute: bool) -> None:
        self.in_features, self.out_features, self.recompute = linear.in_features, linear.out_features, recompute
        self.act = registry.get(act)
        if act is not self.act:  # a module that was given is left as it is
            self.act.to(device=linear.weight.device, dtype=linear.weight.dtype)
        self.linear = linear

    @classmethod
    def from_linear(cls, linear: nn.Linear, act: Any = "relu", *, recompute: bool = True) -> ActLinear:
        """The activation before a linear map that there is: ``linear`` itself becomes the layer's, with its weights.

        Example:
            >>> from torch import nn
            >>> import nonlin
            >>> head = nn.Linear(8, 2)
            >>> nonlin.ActLinear.from_linear(head, act="mish").linear is head
            True
        """
        check_linear(linear, "ActLinear.from_linear", "linear")
        layer = cls.__new__(cls)
        nn.Module.__init__(layer)
        layer._hold(linear, act, recompute)
        return layer

    def forward(self, input: Tensor) -> Tensor:
        kind = getattr(getattr(self.act, "activation", None), "kind", None)
        if kind in ("pointwise", "stochastic"):  # any other may change the shape
            check_features(input, self.in_features, "ActLinear")
        if self.recompute:
            return activated_linear(self.act, self.linear, input)
        return self.linear(self.act(input))  # type: ignore[no-any-return]

    def extra_repr(self) -> str:
        return f"in_features={self.in_features}, out_features={self.out_features}, recompute={self.recompute}"
