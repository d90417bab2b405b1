/* The primitives in float64: for float64 tensors, and what wide.h takes over.

   Branch-free, so that a loop over them becomes vector code. Values that are combined further are pairs high + low, with FMA for
   a product's lost half: one rounding remains, and errors stay near 1 ULP or below it (normal_cdf: below 2). No intermediate is
   subnormal unless the result or the square of the argument is: below exp(-600) the work is done on 2^256 times the value. */

#define NL_FMA_D __builtin_fma
#define NL_INFINITY_D __builtin_inf()

/* c0 + c1 x + c2 x^2 + ..., by Horner's rule: the out-of-order core overlaps the chains of several vectors. */
#define NL_P1_D(x, a) (a)
#define NL_P2_D(x, a, ...) NL_FMA_D(NL_P1_D(x, __VA_ARGS__), x, a)
#define NL_P3_D(x, a, ...) NL_FMA_D(NL_P2_D(x, __VA_ARGS__), x, a)
#define NL_P4_D(x, a, ...) NL_FMA_D(NL_P3_D(x, __VA_ARGS__), x, a)
#define NL_P5_D(x, a, ...) NL_FMA_D(NL_P4_D(x, __VA_ARGS__), x, a)
#define NL_P6_D(x, a, ...) NL_FMA_D(NL_P5_D(x, __VA_ARGS__), x, a)
#define NL_P7_D(x, a, ...) NL_FMA_D(NL_P6_D(x, __VA_ARGS__), x, a)
#define NL_P8_D(x, a, ...) NL_FMA_D(NL_P7_D(x, __VA_ARGS__), x, a)
#define NL_P9_D(x, a, ...) NL_FMA_D(NL_P8_D(x, __VA_ARGS__), x, a)
#define NL_P10_D(x, a, ...) NL_FMA_D(NL_P9_D(x, __VA_ARGS__), x, a)
#define NL_P11_D(x, a, ...) NL_FMA_D(NL_P10_D(x, __VA_ARGS__), x, a)
#define NL_P12_D(x, a, ...) NL_FMA_D(NL_P11_D(x, __VA_ARGS__), x, a)
#define NL_P13_D(x, a, ...) NL_FMA_D(NL_P12_D(x, __VA_ARGS__), x, a)
#define NL_P14_D(x, a, ...) NL_FMA_D(NL_P13_D(x, __VA_ARGS__), x, a)
#define NL_P15_D(x, a, ...) NL_FMA_D(NL_P14_D(x, __VA_ARGS__), x, a)
#define NL_P16_D(x, a, ...) NL_FMA_D(NL_P15_D(x, __VA_ARGS__), x, a)

INLINE uint64_t nl_bits_d(double u) {
    uint64_t bits;
    memcpy(&bits, &u, sizeof bits);
    return bits;
}

INLINE double nl_from_bits_d(uint64_t bits) {
    double u;
    memcpy(&u, &bits, sizeof u);
    return u;
}

/* ---- a value and what rounding took from it ---- */

typedef struct {
    double high, low;
} nl_twice_d;

/* a + b; exact where |a| >= |b| or a is 0. */
INLINE nl_twice_d nl_fast_two_sum_d(double a, double b) {
    const nl_twice_d r = {a + b, (a - (a + b)) + b};
    return r;
}

INLINE nl_twice_d nl_two_sum_d(double a, double b) {
    const double sum = a + b, moved = sum - a;
    const nl_twice_d r = {sum, (a - (sum - moved)) + (b - moved)};
    return r;
}

INLINE nl_twice_d nl_two_product_d(nl_twice_d a, nl_twice_d b) {
    const double product = a.high * b.high;
    const nl_twice_d r = {product, NL_FMA_D(a.high, b.high, -product) + NL_FMA_D(a.high, b.low, a.low * b.high)};
    return r;
}

/* 1/(a.high + a.low) by one division. */
INLINE nl_twice_d nl_reciprocal_d(nl_twice_d a) {
    const double y = 1.0 / a.high;
    const nl_twice_d r = {y, y * NL_FMA_D(-y, a.low, NL_FMA_D(-y, a.high, 1.0))};
    return r;
}

/* ---- exponentials ---- */

/* exp(u + more) = (1 + r + rest) scale / 2^shift, |r| <= ln(2)/2; shift keeps scale a normal number.
   u - n ln2 is exact in one FMA: both sides are multiples of 2^-53 and their difference is below 1/2. */
typedef struct {
    double r, rest, scale;
} nl_power_d;

INLINE nl_power_d nl_reduced_exp_d(double u, double more, double shift) {
    const double magic = 0x1.8p52 + 1023.0 + shift; /* the exponent's bits end up lowest */
    const double t = NL_FMA_D(u, 0x1.71547652b82fep+0, magic), n = t - magic;
    const double exact = NL_FMA_D(-n, 0x1.62e42fefa39efp-1, u);
    const nl_twice_d r = nl_fast_two_sum_d(exact, NL_FMA_D(-n, 0x1.abc9e3b39803fp-56, more));
    const double p = NL_P11_D(r.high, 0.5, 0.16666666666666674, 0.04166666666666667, 0.008333333333322207,
        0.0013888888888880944, 0.00019841269886591, 2.4801587333953088e-05, 2.7557242336680357e-06, 2.755726431433642e-07,
        2.511004989585864e-08, 2.0918138169457953e-09);
    const double rest = NL_FMA_D(r.high * r.high, p, NL_FMA_D(r.high, r.low, r.low));
    const nl_power_d e = {r.high, rest, nl_from_bits_d(nl_bits_d(t) << 52)};
    return e;
}

/* (1 + r + rest) scale as a pair. */
INLINE nl_twice_d nl_unreduced_exp_d(nl_power_d e) {
    const nl_twice_d h = nl_fast_two_sum_d(1.0, e.r);
    const nl_twice_d y = nl_fast_two_sum_d(h.high, h.low + e.rest);
    const nl_twice_d r = {y.high * e.scale, y.low * e.scale};
    return r;
}

/* exp(-a - more) = e tail for a >= 0: tail is 2^-256 far out, where exp(-a) may be subnormal, 0 from 746 on, 1 elsewhere. */
typedef struct {
    nl_twice_d e;
    double tail;
} nl_decay_d;

INLINE nl_decay_d nl_decaying_exp_d(double a, double more) {
    const int far = a > 600.0;
    const double to = a > 746.0 ? 746.0 : a, tail = far ? 0x1p-256 : 1.0;
    const nl_decay_d r = {nl_unreduced_exp_d(nl_reduced_exp_d(-to, -more, far ? 256.0 : 0.0)), a > 746.0 ? 0.0 : tail};
    return r;
}

INLINE double nl_exp_d(double u) {
    const int far = u < -600.0;
    const nl_power_d e = nl_reduced_exp_d(u, 0.0, far ? 255.0 : -1.0); /* half of it: 2^1024 is no number */
    const nl_twice_d h = nl_fast_two_sum_d(1.0, e.r);
    double y = (h.high + (h.low + e.rest)) * e.scale * (far ? 0x1p-255 : 2.0);
    y = u < -746.0 ? 0.0 : y; /* nonsense there; choices one after the other cost fewer mask operations than nested ones */
    y = u > 710.0 ? NL_INFINITY_D : y;
    return y;
}

INLINE double nl_expm1_d(double u) {
    const nl_power_d e = nl_reduced_exp_d(u < -50.0 ? -50.0 : u, 0.0, -1.0);
    const nl_twice_d one = nl_two_sum_d(e.scale, -0.5), h = nl_two_sum_d(one.high, e.scale * e.r);
    double y = 2.0 * (h.high + (h.low + NL_FMA_D(e.scale, e.rest, one.low)));
    y = u > 710.0 ? NL_INFINITY_D : y;
    y = __builtin_fabs(u) < 0x1p-54 ? u : y;
    return y;
}

/* 1/(1 + e) with e = exp(-|u|): what the logistic family shares. */
typedef struct {
    nl_twice_d e, y;
    double tail;
} nl_logistic_d;

INLINE nl_logistic_d nl_logistic_parts_d(double a) {
    const nl_decay_d d = nl_decaying_exp_d(a, 0.0);
    nl_twice_d sum = nl_fast_two_sum_d(1.0, d.e.high);
    sum.low += d.e.low;
    const nl_logistic_d r = {d.e, nl_reciprocal_d(sum), d.tail};
    return r;
}

INLINE double nl_sigmoid_d(double u) {
    const nl_logistic_d p = nl_logistic_parts_d(__builtin_fabs(u));
    const nl_twice_d lower = nl_two_product_d(p.e, p.y);
    return u < 0.0 ? (lower.high + lower.low) * p.tail : p.y.high + p.y.low;
}

INLINE double nl_bell_d(double a, double factor) {
    const nl_logistic_d p = nl_logistic_parts_d(a);
    const nl_twice_d y = nl_two_product_d(nl_two_product_d(p.e, p.y), p.y);
    return (y.high + y.low) * (factor * p.tail);
}

INLINE double nl_logistic_pdf_d(double u) { return nl_bell_d(__builtin_fabs(u), 1.0); }

INLINE double nl_sech2_d(double u) { return nl_bell_d(2.0 * __builtin_fabs(u), 4.0); }

/* exp(min(a, 710.6))/4 as a pair, and exp(-a)/4, which is negligible where the clamp changes it. */
INLINE nl_twice_d nl_quarter_exp_d(double a, double *inverse) {
    const nl_twice_d e = nl_unreduced_exp_d(nl_reduced_exp_d(a > 710.6 ? 710.6 : a, 0.0, -2.0));
    const double y = 0.0625 / (e.high > 0x1p200 ? 0x1p200 : e.high);
    *inverse = NL_FMA_D(-y, 16.0 * (e.low * y), y);
    return e;
}

INLINE double nl_cosh_d(double u) {
    double inverse;
    const nl_twice_d e = nl_quarter_exp_d(__builtin_fabs(u), &inverse), sum = nl_fast_two_sum_d(e.high, inverse);
    return 2.0 * (sum.high + (sum.low + e.low));
}

INLINE double nl_sinh_d(double u) {
    double inverse;
    const double a = __builtin_fabs(u), w = a * a;
    const nl_twice_d e = nl_quarter_exp_d(a, &inverse), sum = nl_fast_two_sum_d(e.high, -inverse);
    const double far = 2.0 * (sum.high + (sum.low + e.low));
    const double near = NL_FMA_D(a * w, NL_P7_D(w, 0.16666666666666669, 0.008333333333333174, 0.00019841269841425354,
        2.7557319156695965e-06, 2.5052123477359666e-08, 1.6057217076479534e-10, 7.76041161774863e-13), a);
    return __builtin_copysign(a < 1.0 ? near : far, u);
}

/* tanh(a) for a >= 0 as a pair: E/(2 - E) with E = 1 - exp(-2a). */
INLINE nl_twice_d nl_tanh_parts_d(double a) {
    const nl_power_d p = nl_reduced_exp_d(-2.0 * (a > 22.0 ? 22.0 : a), 0.0, 0.0);
    const nl_twice_d one = nl_fast_two_sum_d(1.0, -p.scale), h = nl_fast_two_sum_d(one.high, -p.scale * p.r);
    const nl_twice_d e = nl_fast_two_sum_d(h.high, h.low + (one.low - p.scale * p.rest));
    nl_twice_d d = nl_fast_two_sum_d(2.0, -e.high);
    d.low -= e.low;
    const double y = 1.0 / d.high, q = e.high * y;
    const nl_twice_d r = {q, y * (NL_FMA_D(-q, d.high, e.high) + NL_FMA_D(-q, d.low, e.low))};
    return r;
}

INLINE double nl_tanh_d(double u) {
    const nl_twice_d t = nl_tanh_parts_d(__builtin_fabs(u));
    return __builtin_copysign(t.high + t.low, u);
}

/* u - tanh(u): u^3 times a polynomial in u^2 below 1, the difference above. */
INLINE double nl_tanh_residual_d(double u) {
    const double a = __builtin_fabs(u), w = a * a;
    const nl_twice_d t = nl_tanh_parts_d(a);
    const double p = NL_FMA_D(w, NL_P15_D(w, -0.13333333333333092, 0.05396825396804674, -0.02186948852913974,
        0.008863235404741142, -0.0035921266808673744, 0.0014558247011305003, -0.000589979331921453, 0.0002389571610574821,
        -9.646300517211389e-05, 3.838995147852913e-05, -1.4606501923745624e-05, 4.988038240589907e-06, -1.3793194780104308e-06,
        2.6334848125492323e-07, -2.5160441116854812e-08), 1.850371707708594e-17); /* what 1/3 as a double lacks */
    const nl_twice_d square = {w, NL_FMA_D(a, a, -w)}, y = nl_two_product_d(square, nl_fast_two_sum_d(0.3333333333333333, p));
    return __builtin_copysign(a < 1.0 ? NL_FMA_D(a, y.high, a * y.low) : (a - t.high) - t.low, u);
}

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

/* ---- circular functions ---- */

#define NL_TRIG_LIMIT 0x1p30 /* beyond, nl_sin_d and nl_cos_d are NaN, and nl_sin_slow_d and nl_cos_slow_d serve */

/* sin(u + quarters pi/2): both kernels on the remainder by pi/2, which is a pair, then a choice by the quadrant. */
INLINE double nl_circular_d(double u, uint64_t quarters) {
    const double t = NL_FMA_D(u, 0.6366197723675814, 0x1.8p52), n = t - 0x1.8p52, product = n * 0x1.1a62633145c07p-54;
    const nl_twice_d r = nl_two_sum_d(NL_FMA_D(-n, 0x1.921fb54442d18p+0, u), -product);
    const double low = r.low - NL_FMA_D(n, 0x1.1a62633145c07p-54, -product) + n * 0x1.f1976b7ed8fbcp-110;
    const double w = r.high * r.high;
    const double odd = NL_P6_D(w, -0.1666666666666664, 0.008333333333323662, -0.00019841269830144393, 2.755731365185318e-06,
        -2.50507345710695e-08, 1.5894710581635027e-10);
    const double even = NL_P6_D(w, 0.04166666666666665, -0.001388888888888284, 2.4801587294628004e-05, -2.7557315738613277e-07,
        2.0875897738682843e-09, -1.1367981880469075e-11);
    const double sine = r.high + NL_FMA_D(r.high * w, odd, NL_FMA_D(-0.5 * w, low, low));
    const nl_twice_d one = nl_fast_two_sum_d(1.0, -0.5 * w);
    const double lost = NL_FMA_D(-r.high, low, -0.5 * NL_FMA_D(r.high, r.high, -w));
    const double cosine = one.high + (one.low + NL_FMA_D(w * w, even, lost));
    const uint64_t quadrant = nl_bits_d(t) + quarters;
    const double y = (quadrant & 1) ? cosine : sine;
    const double turned = nl_from_bits_d(nl_bits_d(y) ^ ((quadrant & 2) << 62));
    return __builtin_fabs(u) <= NL_TRIG_LIMIT ? turned : __builtin_nan("");
}

INLINE double nl_sin_d(double u) { return nl_circular_d(u, 0); }

INLINE double nl_cos_d(double u) { return nl_circular_d(u, 1); }

INLINE double nl_sin_slow_d(double u) { return __builtin_sin(u); }

INLINE double nl_cos_slow_d(double u) { return __builtin_cos(u); }

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

/* ---- the normal distribution ---- */

/* exp(-(a + more)^2/2): the rounding error of a^2 enters the exponent too. */
INLINE nl_decay_d nl_gauss_d(double a, double more) {
    const double b = a > 39.0 ? 39.0 : a, square = b * b; /* beyond 38.6 the density is 0 */
    return nl_decaying_exp_d(0.5 * square, NL_FMA_D(b, more, 0.5 * NL_FMA_D(b, b, -square)));
}

INLINE double nl_normal_pdf_d(double u) {
    const nl_decay_d d = nl_gauss_d(__builtin_fabs(u), 0.0);
    const nl_twice_d c = {0x1.9884533d43651p-2, -0x1.cbc0d30ebfd15p-56}, y = nl_two_product_d(d.e, c);
    return (y.high + y.low) * d.tail;
}

/* The normal distribution function at -a - more, a >= 0: exp(-a^2/2) P(q)/(a + 5), q = (a - 5)/(a + 5); times 1/tail.
   The last two steps of P are pairs: near a = 0, P'/P is -1.5, and far out its terms cancel. */
INLINE nl_decay_d nl_lower_tail_d(double a, double more) {
    const double b = a > 39.0 ? 39.0 : a;
    const nl_decay_d d = nl_gauss_d(a, more);
    const nl_twice_d sum = nl_two_sum_d(b, 5.0), difference = nl_fast_two_sum_d(-5.0, b), y = nl_reciprocal_d(sum);
    const double q = difference.high * y.high;
    const double rest = y.high * (NL_FMA_D(-q, sum.high, difference.high) + NL_FMA_D(-q, sum.low, difference.low));
    const double upper = NL_P7_D(q, 4.3288368262810925e-07, 4.088021431659264e-08, -6.601123771606485e-08,
        -8.294603307909466e-09, 7.942098670899309e-09, 1.4319088653439308e-09, -3.029006449038833e-10);
    const double p = NL_P15_D(q, 0.4953056159699773, -0.31353315667129616, 0.16502036617033738, -0.0691186387065702,
        0.02079506680083846, -0.0029933767667037793, -0.0007978694080182084, 0.0005448990333802542, -5.937567474417453e-05,
        -4.9762654871769025e-05, 1.668104106016977e-05, 3.98038459678008e-06, -2.7689521432866823e-06, -3.355369846375583e-07,
        upper);
    const nl_twice_d c0 = {0.769193049750063, -1.783575823238583e-17}, c1 = {-0.6653825028900567, -4.404208917142932e-17};
    const double slope = NL_FMA_D(q, p, c1.high), lost = NL_FMA_D(q, p, c1.high - slope) + c1.low;
    const double product = q * slope, derivative = NL_P4_D(q, -0.649, 0.983, -1.174, 0.787);
    nl_twice_d ratio = nl_fast_two_sum_d(c0.high, product);
    ratio.low += NL_FMA_D(rest, derivative, NL_FMA_D(q, slope, -product) + NL_FMA_D(q, lost, c0.low));
    const nl_decay_d r = {nl_two_product_d(d.e, nl_two_product_d(ratio, y)), d.tail};
    return r;
}

INLINE double nl_normal_cdf_d(double u) {
    const nl_decay_d lower = nl_lower_tail_d(__builtin_fabs(u), 0.0);
    const nl_twice_d upper = nl_fast_two_sum_d(1.0, -lower.e.high);
    const double above = upper.high + (upper.low - lower.e.low);
    return u < 0.0 ? (lower.e.high + lower.e.low) * lower.tail : above;
}

/* u times a polynomial in u^2 below 1; above, 1 - 2 lower tail at sqrt(2) a. */
INLINE double nl_erf_d(double u) {
    const double a = __builtin_fabs(u), w = a * a, b = a > 7.0 ? 7.0 : a, s = 1.4142135623730951 * b;
    const double lost = NL_FMA_D(1.4142135623730951, b, -s) - 0x1.bdd3413b26456p-54 * b;
    const nl_decay_d lower = nl_lower_tail_d(s, lost);
    const double p = NL_FMA_D(w, NL_P12_D(w, -0.3761263890318375, 0.11283791670954885, -0.026866170645077875,
        0.005223977624828431, -0.0008548326981425542, 0.0001205533113295582, -1.4925595772180904e-05, 1.6461008477802698e-06,
        -1.6350396222864598e-07, 1.4660328722742179e-08, -1.1374955736069996e-09, 5.960685338520943e-11), 1.533545961316588e-17);
    const nl_twice_d slope = nl_fast_two_sum_d(1.1283791670955126, p);
    const double far = 1.0 - 2.0 * lower.e.high;
    return __builtin_copysign(a < 1.0 ? NL_FMA_D(a, slope.high, a * slope.low) : far, u);
}

/* ---- pieces; each lets NaN through ---- */

INLINE double nl_relu_d(double u) { return u <= 0.0 ? 0.0 : u; }

INLINE double nl_clip_d(double u, double low, double high) {
    const double above = u <= low ? low : u;
    return above >= high ? high : above;
}

INLINE double nl_leaky_d(double u, double slope) { return u > 0.0 ? u : slope * u; }

INLINE double nl_abs_d(double u) { return __builtin_fabs(u); }

INLINE double nl_sign_d(double u) { return u > 0.0 ? 1.0 : (u < 0.0 ? -1.0 : u); }

INLINE double nl_maximum_d(double u, double v) { return ((u > v) | (u != u)) ? u : v; }

INLINE double nl_minimum_d(double u, double v) { return ((u < v) | (u != u)) ? u : v; }

INLINE double nl_sqrt_d(double u) { return __builtin_sqrt(u); }

INLINE double nl_pow_d(double u, double v) { return __builtin_pow(u, v); } /* libm: not a vector */
