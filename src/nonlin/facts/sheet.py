"""The fact sheet: what is known of one activation, as plain frozen data that needs neither torch nor sympy.

Every item is a :class:`Fact`: its value, and how it was obtained.

- ``derived``: from the formula: its limits and branch points, roots of it and of its derivatives to double precision,
  and what follows from those in closed form;
- ``quadrature``: a Gaussian integral by composite Gauss-Legendre rules split at the kinks, to about 1e-12;
- ``measured``: observed on a grid of inputs (spacing 0.005 up to ``|x| = 20``, geometric to 1e6), so true of that grid;
  for an activation that is no function of one number, on random inputs, so true of those.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from nonlin.facts.codec import decode, encode

T = TypeVar("T")
How = Literal["derived", "quadrature", "measured"]
Symmetry = Literal["odd", "even", "none"]
Monotonicity = Literal["increasing", "non-decreasing", "decreasing", "non-increasing", "constant", "none"]
Curvature = Literal["linear", "convex", "concave", "none"]
CriticalKind = Literal["scale-invariant", "half-stable", "edge of chaos", "none"]


@dataclass(frozen=True)
class Fact(Generic[T]):
    """A value and how it was obtained."""

    value: T
    how: How


@dataclass(frozen=True)
class Interval:
    """All x with ``low <= x <= high``; a single point where the two are equal."""

    low: float
    high: float

    @property
    def unbounded(self) -> bool:
        return math.isinf(self.low) or math.isinf(self.high)

    @property
    def is_point(self) -> bool:
        return self.low == self.high

    def __str__(self) -> str:
        if self.is_point:
            return f"{self.low:.6g}"
        left = "(-inf" if math.isinf(self.low) else f"[{self.low:.6g}"
        right = "inf)" if math.isinf(self.high) else f"{self.high:.6g}]"
        return f"{left}, {right}"


@dataclass(frozen=True)
class Range:
    """Infimum and supremum, and whether a finite x attains each."""

    low: float
    high: float
    low_attained: bool
    high_attained: bool

    @property
    def bounded(self) -> bool:
        return math.isfinite(self.low) and math.isfinite(self.high)

    def __str__(self) -> str:
        return f"{'[' if self.low_attained else '('}{self.low:.6g}, {self.high:.6g}{']' if self.high_attained else ')'}"


@dataclass(frozen=True)
class Extremum:
    """An attained global minimum or maximum; ``at`` is the point or interval nearest to 0 that attains it."""

    value: float
    at: Interval


@dataclass(frozen=True)
class Kink:
    """A point where f is continuous and f' is not, with the slopes on either side (infinite where they diverge)."""

    x: float
    left: float
    right: float

    @property
    def jump(self) -> float:
        """By how much the slope changes there."""
        return self.right - self.left if math.isfinite(self.right - self.left) else math.inf


@dataclass(frozen=True)
class Jump:
    """A point where f itself is not continuous, with its limits from either side."""

    x: float
    left: float
    right: float

    @property
    def size(self) -> float:
        return self.right - self.left if math.isfinite(self.right - self.left) else math.inf


@dataclass(frozen=True)
class Continuity:
    """How many derivatives are continuous: -1 where f jumps, 0 with kinks, 1 where f'' jumps, 2 beyond, None for smooth."""

    order: int | None
    jumps: tuple[Jump, ...] = ()
    kinks: tuple[Kink, ...] = ()

    def __str__(self) -> str:
        places = ", ".join(f"{place.x:.6g}" for place in (self.jumps or self.kinks))
        match self.order:
            case None:
                return "smooth"
            case -1:
                return f"discontinuous at {places}"
            case 0:
                return f"C0 with kink{'s' if len(self.kinks) > 1 else ''} at {places}"
            case order:
                return f"C{order}"


@dataclass(frozen=True)
class Lipschitz:
    """The supremum of ``|f'|`` and an x where it is attained, or approached (an infinite x: only in the limit)."""

    value: float
    x: float | None


@dataclass(frozen=True)
class FixedPoint:
    """A fixed point q of the length map ``q -> sigma_w^2 E[f(sqrt(q) z)^2] + sigma_b^2`` and the slopes there.

    ``chi_perp = sigma_w^2 E[f'(sqrt(q) z)^2]`` is the factor on the gradient's second moment and on small angles
    between inputs per layer; ``chi_par = d(next q)/dq`` is the factor on small deviations of q.
    """

    sigma_w: float
    sigma_b: float
    q: float
    chi_perp: float | None  # None: q grows for ever and the slope has no limit there
    chi_par: float | None


@dataclass(frozen=True)
class CriticalPoint:
    """The initialisation at which the gradient keeps its second moment from layer to layer (``chi_perp = 1``).

    ``kind`` says what holds the length q there: ``scale-invariant`` (every q is a fixed point), ``half-stable``
    (``chi_par = 1`` at a positive q), ``edge of chaos`` (``chi_par <= 1`` with ``sigma_b = 0``) or ``none``:
    no (sigma_w, sigma_b) keeps gradient and length; the other fields are then None.
    """

    kind: CriticalKind
    sigma_w: float | None = None
    sigma_b: float | None = None
    q: float | None = None
    chi_par: float | None = None


@dataclass(frozen=True)
class GradientFactor:
    """Per-layer factor on the second moment of the gradient in a wide, deep net, under three initialisations.

    Each is ``sigma_w^2 E[f'(sqrt(q) z)^2]`` at the fixed point q that a net reaches from q = 1: weights scaled by the
    activation's own forward gain (q = 1), Xavier's (``sigma_w = 1``) and ``torch.nn.Linear``'s (``sigma_w^2 = 1/3``).
    The gradient's norm changes by the square root, see :meth:`norm`.
    """

    own_gain: float | None
    xavier: float | None
    torch_default: float | None

    def norm(self, of: Literal["own_gain", "xavier", "torch_default"]) -> float | None:
        """The factor on the gradient's norm per layer; None where no limit defines it."""
        factor: float | None = getattr(self, of)
        return None if factor is None else math.sqrt(factor)


@dataclass(frozen=True)
class RowFacts:
    """What is known of a function of a whole row, such as softmax."""

    sums_to_one: bool
    non_negative: bool
    shift_invariant: bool
    order_preserving: bool
    peak_at_gap_5: float  # the larger output for two inputs that differ by 5


@dataclass(frozen=True)
class Observed:
    """What calling an activation in evaluation shows of it as a map between tensors, on random inputs of its sample shape."""

    keeps_shape: bool
    outputs_per_input: float  # elements of the output for one of the input
    elementwise: bool  # an output depends on the input at its own place alone
    uniform: bool  # and is the same function of it at every place
    permutation_equivariant: bool  # permuting the entries that it mixes permutes the output alike
    shift_invariant: bool
    positively_homogeneous: bool  # f(c x) = c f(x) for c > 0
    odd: bool
    sums_to_one: bool  # along a dimension, and never negative
    exact_zeros: float  # share of the outputs that are exactly 0 for standard normal inputs
    learned: int  # numbers that it learns
    random: bool  # two calls in training differ
    starts_at_random: bool = False  # two fresh modules have other parameters: then no other fact is one of all of them


@dataclass(frozen=True)
class FactSheet:
    """All facts of one activation at given parameter values; None marks what its kind does not define.

    For a gated activation ``f(a, b) = g(a) b`` the sheet of the gate ``g`` is in ``gate``; range, moments and gains are
    those of the product with independent a, b ~ N(0, 1); E f'^2 is then the mean over the two inputs. z is standard
    normal throughout.
    """

    name: str
    kind: str
    parameters: dict[str, float]
    fingerprint: str
    # shape
    range: Fact[Range] | None = None
    limits: Fact[tuple[float | None, float | None]] | None = None  # at -inf and +inf; None where there is none
    zeros: Fact[tuple[Interval, ...]] | None = None  # within |x| <= 10 for a function that oscillates for ever
    minimum: Fact[Extremum | None] | None = None  # None inside: no finite x attains it
    maximum: Fact[Extremum | None] | None = None
    symmetry: Fact[Symmetry] | None = None
    monotonicity: Fact[Monotonicity] | None = None
    curvature: Fact[Curvature] | None = None
    continuity: Fact[Continuity] | None = None
    # slope
    lipschitz: Fact[Lipschitz] | None = None
    derivative_range: Fact[Range] | None = None
    slope_limits: Fact[tuple[float | None, float | None]] | None = None
    saturation: Fact[tuple[Interval, ...]] | None = None  # |f'| < 0.01
    dead_zones: Fact[tuple[Interval, ...]] | None = None  # f' = 0 exactly
    # moments
    mean: Fact[float] | None = None  # E f(z)
    second_moment: Fact[float] | None = None  # E f(z)^2
    variance: Fact[float] | None = None
    derivative_second_moment: Fact[float] | None = None  # E f'(z)^2
    non_linearity: Fact[float] | None = None  # 1 - (E z f(z))^2 / Var f(z): 0 for a line
    dead_probability: Fact[float] | None = None  # P(f'(z) = 0)
    saturated_probability: Fact[float] | None = None  # P(|f'(z)| < 0.01)
    # signal through depth
    forward_gain: Fact[float] | None = None  # 1 / sqrt(E f^2)
    variance_gain: Fact[float] | None = None  # 1 / std f
    backward_gain: Fact[float] | None = None  # 1 / sqrt(E f'^2)
    fixed_point: Fact[FixedPoint] | None = None  # at the forward gain without bias
    critical_point: Fact[CriticalPoint] | None = None
    gradient_factor: Fact[GradientFactor] | None = None
    # cost
    saved_bytes: Fact[int] | None = None  # kept for backward, per float32 output element
    # other kinds
    gate: FactSheet | None = None
    row: Fact[RowFacts] | None = None
    observed: Fact[Observed] | None = None

    @property
    def is_monotonic(self) -> bool | None:
        """True for any monotonic function, strict or not; None where the kind does not define it."""
        return None if self.monotonicity is None else self.monotonicity.value != "none"

    def to_dict(self) -> dict[str, Any]:
        """The sheet in JSON's types; :meth:`from_dict` gives back an equal sheet.

        Example:
            >>> from nonlin.facts.sheet import Fact, FactSheet
            >>> sheet = FactSheet("half", "pointwise", {}, "", mean=Fact(0.5, "derived"))
            >>> FactSheet.from_dict(sheet.to_dict()) == sheet
            True
        """
        encoded: dict[str, Any] = encode(self)
        return encoded

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> FactSheet:
        """The sheet that :meth:`to_dict` wrote.

        Raises:
            ValueError: where a field is missing or unknown.
        """
        sheet: FactSheet = decode(cls, data)
        return sheet
