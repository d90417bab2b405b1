"""A formula's composite for other rooms: plain numbers in, plain numbers out, without autograd."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from nonlin.formula.calculus import effective
from nonlin.formula.declaration import Activation
from nonlin.kernels.terms import formula

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def numpy_function(
    activation: Activation, order: int = 0, parameters: Mapping[str, float] | None = None
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """f (order 0), f' (1) or f'' (2) of a pointwise formula, from float64 arrays to float64 arrays."""
    import numpy as np
    import torch

    term = formula(activation, ("x",) * order)
    values = effective(activation, {**activation.defaults, **(parameters or {})})
    # tensors, not numbers: a formula may call torch.sqrt or torch.exp on a parameter alone
    arguments = [torch.tensor(values[p.name], dtype=torch.float64) for p in activation.parameters]

    def evaluate(x: Any) -> NDArray[np.float64]:
        given = np.array(x, dtype=np.float64)  # a copy: torch warns of arrays that cannot be written to
        with torch.no_grad():
            result: NDArray[np.float64] = term.wide(torch.from_numpy(given), *arguments).numpy()
        return result

    return evaluate
