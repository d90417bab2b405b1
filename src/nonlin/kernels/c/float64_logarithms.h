/* The primitives in float64, continued: logarithms and what needs them, and the circular functions. */

/* ---- logarithms ---- */

/* log(1 + f + more) as a pair, for 1 + f in [sqrt(1/2), sqrt(2)]: f - f^2/2 + s (f^2/2 + R(s^2)), s = f/(2 + f). */
INLINE nl_twice_d nl_near_log_d(double f, double more) {
    const double g = __builtin_fabs(f) < 0x1p-300 ? 0.0 : f; /* its square would be subnormal */
    const double s = g / (2.0 + g), z = s * s, half = 0.5 * g, square = half * g;
    const double tail = z * NL_P7_D(z, 0.666666666666671, 0.3999999999951865, 0.2857142872960736, 0.22222199052922958,
        0.18183573713223622, 0.15313104748997736, 0.14811149415118757);
    nl_twice_d r = nl_fast_two_sum_d(f, -square);
    r.low += NL_FMA_D(s, square + tail, NL_FMA_D(-more, f, more) - NL_FMA_D(half, g, -square));
    return r;
}

/* u = 2^k m, m in [sqrt(1/2), sqrt(2)), u normal; back: 2^-k, for k < 1023. */
typedef struct {
    double k, m, back;
} nl_split_d;

INLINE nl_split_d nl_split_exponent_d(double u) {
    const uint64_t root = 0x3fe6a09e667f3bcd, i = nl_bits_d(u) + (0x3ff0000000000000 - root), e = i >> 52;
    const nl_split_d r = {nl_from_bits_d(e | 0x4330000000000000) - (0x1p52 + 1023.0),
        nl_from_bits_d((i & 0xfffffffffffff) + root), nl_from_bits_d((2046 - e) << 52)};
    return r;
}

/* k ln2 + log(1 + f + more); ln2's first part has 33 bits: k times it is exact. */
INLINE double nl_whole_log_d(double k, double f, double more) {
    const nl_twice_d near = nl_near_log_d(f, more);
    const nl_twice_d sum = nl_fast_two_sum_d(k * 0x1.62e42fee00000p-1, near.high);
    return sum.high + (sum.low + NL_FMA_D(k, 0x1.a39ef35793c76p-33, near.low));
}

INLINE double nl_log_d(double u) {
    const int small = u < 0x1p-1022;
    const nl_split_d p = nl_split_exponent_d(small ? u * 0x1p54 : u);
    const double y = nl_whole_log_d(p.k - (small ? 54.0 : 0.0), p.m - 1.0, 0.0);
    const double outside = u == 0.0 ? -NL_INFINITY_D : (u < 0.0 ? __builtin_nan("") : u); /* infinity and NaN remain */
    return ((u > 0.0) & (u < NL_INFINITY_D)) ? y : outside;
}

INLINE double nl_log1p_d(double u) {
    const nl_twice_d sum = nl_two_sum_d(1.0, u);
    const nl_split_d p = nl_split_exponent_d(sum.high);
    const nl_twice_d f = nl_fast_two_sum_d(p.m - 1.0, u > 0x1p60 ? 0.0 : sum.low * p.back);
    const double y = nl_whole_log_d(p.k, f.high, f.low);
    const double outside = u == -1.0 ? -NL_INFINITY_D : (u < -1.0 ? __builtin_nan("") : u);
    const double finite = __builtin_fabs(u) < 0x1p-54 ? u : y;
    return ((u > -1.0) & (u < NL_INFINITY_D)) ? finite : outside;
}

/* max(u, 0) + log(1 + e), e = exp(-|u|): the same series, with more terms in place of a reduction of 1 + e. */
INLINE double nl_softplus_d(double u) {
    const nl_decay_d d = nl_decaying_exp_d(__builtin_fabs(u), 0.0);
    const double f = d.e.high, g = f < 0x1p-300 ? 0.0 : f, s = g / (2.0 + g), z = s * s, half = 0.5 * g, square = half * g;
    const double tail = z * NL_P10_D(z, 0.666666666666665, 0.40000000000103036, 0.2857142855304335, 0.22222223733443347,
        0.1818174970171898, 0.15386482512344343, 0.13301484184806395, 0.12105435673070583, 0.08330352778623681,
        0.1705657450291207);
    const nl_twice_d log = nl_fast_two_sum_d(f, -square), sum = nl_two_sum_d(u > 0.0 ? u : 0.0, log.high);
    const double slope = NL_FMA_D(g, half - 1.0, 1.0); /* 1/(1 + f), roughly */
    const double low = NL_FMA_D(d.e.low, slope, -NL_FMA_D(half, g, -square));
    const double y = (sum.high + (sum.low + (log.low + NL_FMA_D(s, square + tail, low)))) * (u < 0.0 ? d.tail : 1.0);
    return u > 50.0 ? u : y;
}

/* log(a + sqrt(1 + a^2)) as log(1 + z), z = a + (sqrt(1 + a^2) - 1); log(2a) from 2^28 on. */
INLINE double nl_asinh_d(double u) {
    const double a = __builtin_fabs(u);
    const int large = a > 0x1p28;
    const double b = large ? 1.0 : a, w = b * b;
    const nl_twice_d d = nl_two_sum_d(1.0, w);
    const double s = __builtin_sqrt(d.high), rest = 0.5 * (NL_FMA_D(-s, s, d.high) + (d.low + NL_FMA_D(b, b, -w))) / s;
    const nl_twice_d z = nl_two_sum_d(b, s - 1.0);
    nl_twice_d sum = nl_two_sum_d(1.0, z.high);
    sum.low += z.low + rest;
    const nl_split_d p = nl_split_exponent_d(large ? a : sum.high);
    const nl_twice_d f = nl_fast_two_sum_d(p.m - 1.0, large ? 0.0 : sum.low * p.back);
    const double y = nl_whole_log_d(large ? p.k + 1.0 : p.k, f.high, f.low);
    return ((a >= 0x1p-28) & (a < NL_INFINITY_D)) ? __builtin_copysign(y, u) : u;
}

/* atan(a) = base + atan(t): t = a up to tan(pi/8), (a - 1)/(a + 1) up to its inverse, -1/a beyond. */
INLINE double nl_atan_d(double u) {
    const double a = __builtin_fabs(u);
    const int middle = a > 0.41421356, far = a > 2.4142135;
    const double top = far ? -1.0 : (middle ? a - 1.0 : a), bottom = far ? a : (middle ? a + 1.0 : 1.0);
    const double lost = (middle & !far) ? (a < 1.0 ? (1.0 - bottom) + a : (a - bottom) + 1.0) : 0.0;
    const double lost_top = (middle & !far) ? (a < 1.0 ? a - (top + 1.0) : (a - top) - 1.0) : 0.0;
    const double y = 1.0 / bottom, t = top * y, w = t * t;
    const double rest = a < 0x1p60 ? y * (NL_FMA_D(-t, bottom, top) + NL_FMA_D(-t, lost, lost_top)) : 0.0;
    const double p = w * NL_P11_D(w, -0.3333333333333327, 0.19999999999969253, -0.1428571428137659, 0.11111110826150396,
        -0.09090898599422258, 0.07692069510731887, -0.06663156086646387, 0.05847941987914486, -0.050383096119565325,
        0.038012892276722554, -0.01782618730967691);
    const nl_twice_d sum = nl_fast_two_sum_d(far ? 0x1.921fb54442d18p+0 : (middle ? 0x1.921fb54442d18p-1 : 0.0), t);
    const double more = far ? 0x1.1a62633145c07p-54 : (middle ? 0x1.1a62633145c07p-55 : 0.0);
    return __builtin_copysign(sum.high + (sum.low + NL_FMA_D(t, p, rest + more)), u);
}
