"""Curves read from a table of learned numbers."""

from nonlin.formula.declaration import Activation, Source

pwlu = Activation(
    "pwlu",
    "linear between the values y_0 ... y_N at N + 1 even places of [b_1, b_2], of slopes k_1 and k_2 beyond",
    title="PWLU",
    family="spline",
    kind="adaptive",
    rule="interpolation",
    samples=("pwlu", "pwlu(N=5, bound_init=1.5, num_parameters=4)"),
    aliases=("piecewise_linear_unit",),
    summary="A chain of straight lines with learned values, ends and outer slopes.",
    source=Source(
        "Zhou, Zhu & Zhong",
        2021,
        "Learning specialized activation functions with the Piecewise Linear Unit",
        arxiv="2104.03693",
    ),
)

bspline = Activation(
    "bspline",
    "w_b silu(x) + w_s sum_i c_i B_i(x)",
    title="BSpline",
    family="spline",
    kind="adaptive",
    rule="bsplines",
    samples=("bspline", "bspline(grid=3, degree=2, low=-2.0, high=2.0, num_parameters=4)"),
    aliases=("kan_edge",),
    summary="SiLU plus a learned spline: the function on an edge of a Kolmogorov-Arnold network.",
    source=Source("Liu et al.", 2024, "KAN: Kolmogorov-Arnold Networks", arxiv="2404.19756"),
    used_in=("Kolmogorov-Arnold networks",),
)

cubic_spline = Activation(
    "cubic_spline",
    "Catmull-Rom interpolation of learned values at even knots",
    title="CubicSpline",
    family="spline",
    kind="adaptive",
    rule="interpolation",
    samples=("cubic_spline", "cubic_spline(size=6, num_parameters=4)"),
    aliases=("saf", "spline_activation"),
    summary="A smooth curve through learned values at even places.",
    source=Source(
        "Scardapane, Scarpiniti, Comminiello & Uncini",
        2016,
        "Learning activation functions from data using cubic spline interpolation",
        arxiv="1605.05509",
    ),
)

lutu = Activation(
    "lutu",
    "sum_j y_j r(x - x_j), r(d) = (1 + cos(pi d / (m s))) / (2 m) where |d| < m s, s the anchors' distance",
    title="LuTU",
    family="spline",
    kind="adaptive",
    rule="interpolation",
    samples=("lutu", "lutu(size=7, reach=2, num_parameters=4)"),
    aliases=("look_up_table_unit",),
    summary="A table of learned values, smoothed by one period of a cosine.",
    source=Source(
        "Wang, Liu & Foroosh", 2018, "Look-up Table Unit Activation Function for Deep Convolutional Neural Networks"
    ),
)
