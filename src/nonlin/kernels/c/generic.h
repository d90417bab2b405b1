/* What a formula's text calls beside the primitives, for one type T; included once for each precision.
   NL_PRECISION: which instance this is. NL_COMPENSATED: whether a pair carries the rounding error of a primitive's argument, or its value alone. */

typedef struct {
    T high, low;
} NL(pair);

INLINE T NL(square)(T u) { return u * u; }

/* u / c for a constant c. Double that becomes float: a product, its error is out of sight. Float: a product and its exact
   correction, a third of a division's time (infinite u gives NaN and is the double path's). */
INLINE T NL(over)(T u, double c) {
#if NL_PRECISION == NL_IN_DOUBLE
    return u / c;
#else
    const T inverse = (T)(1.0 / c), quotient = u * inverse;
#if NL_PRECISION == NL_IN_WIDE
    return quotient;
#else
    return NL_FMA(NL_FMA(-quotient, (T)c, u), inverse, quotient);
#endif
#endif
}

INLINE NL(pair) NL(exactly)(T high, T low) {
    NL(pair) r = {high, low};
    return r;
}

/* A constant given as a double and the rest of it. */
INLINE NL(pair) NL(constant)(double high, double low) {
    NL(pair) r = {(T)high, (T)((high - (double)(T)high) + low)};
    return r;
}

INLINE NL(pair) NL(sum)(NL(pair) a, NL(pair) b) {
    NL(pair) r = {a.high + b.high, C(0)};
#if NL_COMPENSATED
    const T moved = r.high - a.high;
    r.low = ((a.high - (r.high - moved)) + (b.high - moved)) + (a.low + b.low);
#endif
    return r;
}

INLINE NL(pair) NL(product)(NL(pair) a, NL(pair) b) {
    NL(pair) r = {a.high * b.high, C(0)};
#if NL_COMPENSATED
    r.low = NL_FMA(a.high, b.high, -r.high) + NL_FMA(a.high, b.low, a.low * b.high);
#endif
    return r;
}

INLINE NL(pair) NL(divided)(NL(pair) a, NL(pair) b) {
    NL(pair) r = {a.high / b.high, C(0)};
#if NL_COMPENSATED
    r.low = (NL_FMA(-r.high, b.high, a.high) + NL_FMA(-r.high, b.low, a.low)) / b.high;
#endif
    return r;
}

/* f(high + low) from f(high) and f'(high); far out, where low is no number, f(high). */
INLINE T NL(corrected)(T value, T slope, T low) {
#if NL_COMPENSATED
    const T more = slope * low;
    return value + (more - more == C(0) ? more : C(0));
#else
    return value;
#endif
}

/* y, with the limit on x's side where y is NaN although x is not (0 * inf far out and at infinity). The float path leaves
   that to the double path: x where its value is wrong lie outside its interval. */
INLINE T NL(settle)(T y, T x, T low, T high) {
#if NL_PRECISION == NL_IN_FLOAT
    (void)x, (void)low, (void)high;
    return y;
#else
    const T end = x > C(0) ? high : low, other = x == x ? end : x; /* side by side: nested choices cost mask arithmetic */
    return y == y ? y : other;
#endif
}

/* v sigmoid(u). */
INLINE T NL(times_sigmoid)(T v, T u) {
#if NL_PRECISION == NL_IN_FLOAT
    return v / nl_one_plus_exp_f(-u);
#else
    return v * NL(sigmoid)(u);
#endif
}

/* v normal_cdf(u). */
INLINE T NL(times_normal_cdf)(T v, T u) {
#if NL_PRECISION == NL_IN_FLOAT
    const float tail = nl_normal_cdf_f(-__builtin_fabsf(u));
    return u < 0.0f ? v * tail : NL_FMA(-v, tail, v);
#else
    return v * NL(normal_cdf)(u);
#endif
}

/* tanh(log(1 + exp(u))) by one exponential: with w = exp(u), (w^2 + 2w)/(w^2 + 2w + 2); divided by w^2 where u > 0. */
INLINE T NL(tanh_softplus)(T u) {
    const T e = NL(exp)(u > C(0) ? -u : u);
    const T above = u > C(0) ? NL_FMA(C(2), e, C(1)) : e * (e + C(2));
    return above / (u > C(0) ? NL_FMA(C(2) * e, e, above) : NL_FMA(e, e + C(2), C(2)));
}

/* Its derivative, 4w(1 + w)/(w^2 + 2w + 2)^2. */
INLINE T NL(tanh_softplus_slope)(T u) {
    const T e = NL(exp)(u > C(0) ? -u : u);
    const T below = u > C(0) ? NL_FMA(C(2) * e, C(1) + e, C(1)) : NL_FMA(e, e + C(2), C(2)), both = NL_FMA(e, e, e);
    const T half = (u > C(0) ? e : C(1)) * C(4);
    return half * both / (below * below);
}
