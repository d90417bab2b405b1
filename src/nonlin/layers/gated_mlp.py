"""The gated MLP of today's transformers, keeping the two pre-activations alone."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from nonlin.builders.classes import of
from nonlin.errors import BoundsError
from nonlin.layers.checks import check_features, check_linear, check_sizes
from nonlin.layers.recompute import activated_linear
from nonlin.registry import find


class GatedMLP(nn.Module):
    r"""Computes ``down(f(gate) * value)``, gate and value projected from the input by one matrix product.

    .. math:: y = W_{down}\,\bigl(f(W_{gate}\,x) \odot W_{value}\,x\bigr)

    SwiGLU with ``gate="silu"`` (Llama, Mistral, Qwen), GEGLU with ``gate="gelu"`` or ``"gelu_tanh"`` (Gemma, T5 1.1).
    For the backward, beside the input and the weights, it keeps the two pre-activations: 4 bytes per hidden element in
    bfloat16. Composed, their product is kept as well; here the backward computes it again for the gradient of ``down``'s
    weight. The results and the gradients are the same, of every order.

    Args:
        in_features: the size of the last dimension of the input.
        hidden_features: the size of gate and of value.
        out_features: the size of the last dimension of the result; ``in_features`` where it is not given.
        gate: the function f, whatever :class:`nonlin.GLU` takes as its gate: a name such as ``"mish"`` or
            ``"leaky_relu(0.2)"``, a module, a class, a callable, an :class:`nonlin.Activation`.
        bias: whether the projections add one.
        recompute: False composes projection, product and projection, quicker where the tensors are small. They are
            composed too where the gate is not known to give the same numbers twice (a callable or module of your own,
            one that draws at random or works in place), where ``down``'s weight or everything before it is frozen
            (nothing would be saved), where hooks watch the inner modules or they were replaced, and under
            torch.compile, torch.export, torch.func and other tracers.
        device, dtype: of the parameters, the gate's included.

    Attributes:
        gate_up: the packed projection, an ``nn.Linear`` of ``2 * hidden_features`` outputs, the gate's first.
        act: the gated unit, a :class:`nonlin.GLU` with ``gate_half="first"``.
        down: the projection of the product, an ``nn.Linear``.

    The ``state_dict`` has ``gate_up.weight`` of shape (2 * hidden, in), the gate's rows first, ``down.weight`` of shape
    (out, hidden), with ``bias=True`` ``gate_up.bias`` and ``down.bias``, and what the gate learns, such as
    ``act.gate.weight``. Two separate weights load as ``torch.cat([gate, up])``; ``gate_up.weight.chunk(2)`` parts them.

    Example:
        >>> import torch, nonlin
        >>> mlp = nonlin.GatedMLP(8, 32, gate="silu")
        >>> mlp
        GatedMLP(
          in_features=8, hidden_features=32, out_features=8, recompute=True
          (gate_up): Linear(in_features=8, out_features=64, bias=False)
          (act): GLU(dim=-1, gate='silu', gate_half='first')
          (down): Linear(in_features=32, out_features=8, bias=False)
        )
        >>> mlp(torch.randn(2, 5, 8)).shape
        torch.Size([2, 5, 8])

    References:
        Shazeer (2020), GLU Variants Improve Transformer, arXiv:2002.05202.
    """

    def __init__(
        self, in_features: int, hidden_features: int, out_features: int | None = None, *, gate: Any = "silu",
        bias: bool = False, recompute: bool = True, device: Any = None, dtype: torch.dtype | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        out_features = in_features if out_features is None else out_features
        check_sizes("GatedMLP", in_features=in_features, hidden_features=hidden_features, out_features=out_features)
        gate_up = nn.Linear(in_features, 2 * hidden_features, bias=bias, device=device, dtype=dtype)
        down = nn.Linear(hidden_features, out_features, bias=bias, device=device, dtype=dtype)
        self._hold(gate_up, gate, down, recompute)

    def _hold(self, gate_up: nn.Linear, gate: Any, down: nn.Linear, recompute: bool) -> None:
        self.in_features, self.hidden_features = gate_up.in_features, down.in_features
        self.out_features = down.out_features
        self.recompute = recompute
        self.gate_up = gate_up
        self.act = of(find("glu"))(gate=gate, gate_half="first")
        held = self.act.gate
        if isinstance(held, nn.Module) and held is not gate:  # a module that was given is left as it is
            held.to(device=gate_up.weight.device, dtype=gate_up.weight.dtype)
        self.down = down

    @classmethod
    def from_linears(
        cls, gate_proj: nn.Linear, up_proj: nn.Linear, down_proj: nn.Linear, gate: Any = "silu", *, recompute: bool = True
    ) -> GatedMLP:  # fmt: skip
        """The same MLP as three separate linear maps, such as those of a Llama block, compute.

        The weights of ``gate_proj`` and ``up_proj`` are copied into one; ``down_proj`` itself becomes ``down``. Make the
        optimizer afterwards: the packed weight is a new parameter.

        Args:
            gate_proj: projects to what the gate's function takes.
            up_proj: projects to the value.
            down_proj: projects the product.
            gate, recompute: as for the class.

        Raises:
            BoundsError: where the shapes do not fit, or gate and up differ in bias, dtype, device or ``requires_grad``.

        Example:
            >>> import torch, nonlin
            >>> from torch import nn
            >>> gate, up, down = nn.Linear(8, 32), nn.Linear(8, 32), nn.Linear(32, 8)
            >>> mlp, x = nonlin.GatedMLP.from_linears(gate, up, down), torch.randn(4, 8)
            >>> torch.allclose(mlp(x), down(nn.functional.silu(gate(x)) * up(x)), atol=1e-6)
            True
        """
        owner = "GatedMLP.from_linears"
        for name, linear in (("gate_proj", gate_proj), ("up_proj", up_proj), ("down_proj", down_proj)):
            check_linear(linear, owner, name)
        told = [(name, _told(gate_proj)[name], _told(up_proj)[name]) for name in _told(gate_proj)]
        if differing := [f"{name} {one} and {other}" for name, one, other in told if one != other]:
            raise BoundsError(
                f"{owner}: gate_proj and up_proj differ: {', '.join(differing)}; expected two alike, to pack into one"
            )
        if down_proj.in_features != gate_proj.out_features:
            raise BoundsError(
                f"{owner}: down_proj takes {down_proj.in_features} features and gate_proj gives {gate_proj.out_features}; "
                "expected one number"
            )
        layer = cls.__new__(cls)
        nn.Module.__init__(layer)
        layer._hold(_packed(gate_proj, up_proj), gate, down_proj, recompute)
        return layer.train(gate_proj.training)

    def forward(self, input: Tensor) -> Tensor:
        check_features(input, self.in_features, "GatedMLP")
        packed = self.gate_up(input)  # (..., 2 * hidden)
        if self.recompute and packed.requires_grad:  # else the product, half the size, is the less to keep
            return activated_linear(self.act, self.down, packed)
        return self.down(self.act(packed))  # type: ignore[no-any-return]

    def extra_repr(self) -> str:
        return (
            f"in_features={self.in_features}, hidden_features={self.hidden_features}, "
            f"out_features={self.out_features}, recompute={self.recompute}"
        )


def _told(linear: nn.Linear) -> dict[str, Any]:
    """What two linear maps must have in common to be packed into one."""
    weight = linear.weight
    return {
        "in_features": linear.in_features,
        "out_features": linear.out_features,
        "bias": linear.bias is not None,
        "dtype": weight.dtype,
        "device": weight.device,
        "requires_grad": [p.requires_grad for p in linear.parameters()],
    }


def _packed(first: nn.Linear, second: nn.Linear) -> nn.Linear:
    """One linear map that gives the outputs of both, one after the other."""
    both = nn.Linear(
        first.in_features, 2 * first.out_features, bias=first.bias is not None, device="meta", dtype=first.weight.dtype
    )
    for name, one in first.named_parameters():
        joined = torch.cat([one.detach(), second.get_parameter(name).detach()])
        setattr(both, name, nn.Parameter(joined, requires_grad=one.requires_grad))
    return both
