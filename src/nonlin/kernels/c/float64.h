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

INLINE double nl_exp_minus_d(double a) { return nl_exp_d(-a); }

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

/* a sigmoid(u + more) + (b + b_more) sigmoid'(u + more): (a + (a + b) e)/(1 + e)^2 above 0, e (a + b + a e)/(1 + e)^2 below. */
INLINE double nl_sigmoid_line_of_d(double u, double more, double a, double b, double b_more) {
    const nl_decay_d d = nl_decaying_exp_d(__builtin_fabs(u), u < 0.0 ? -more : more);
    const double beside = u < 0.0 ? 1.0 : d.tail; /* below 0, where tail is not 1, e beside 1 is out of sight */
    const nl_twice_d e = {d.e.high * beside, d.e.low * beside};
    nl_twice_d sum = nl_fast_two_sum_d(1.0, e.high), both = nl_two_sum_d(a, b);
    sum.low += e.low;
    both.low += b_more;
    const nl_twice_d plain = {a, 0.0}, one = {1.0, 0.0}, first = u < 0.0 ? both : plain, second = u < 0.0 ? plain : both;
    const nl_twice_d product = nl_two_product_d(second, e);
    nl_twice_d top = nl_two_sum_d(first.high, product.high);
    top.low += first.low + product.low;
    const nl_twice_d y = nl_reciprocal_d(sum), outer = u < 0.0 ? d.e : one;
    const nl_twice_d r = nl_two_product_d(nl_two_product_d(top, y), nl_two_product_d(y, outer));
    return (r.high + r.low) * (u < 0.0 ? d.tail : 1.0);
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
