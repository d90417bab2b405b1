/* What a formula's text calls beside the primitives, for one type T; included once for each precision.
   NL_PRECISION: which instance this is. NL_COMPENSATED: whether a primitive's value is corrected for the rounding error of its
   argument. NL_PAIRS: whether a pair carries that error: in float the logistic functions take it in themselves. */

typedef struct {
    T high, low;
} NL(pair);

/* Of a parameter alone: a call, which the compiler takes out of the loop. What it inlines stays there, and is no vector code.
   Where parameters vary along a loop (NL_VARYING) it is the call that would be none. */
#ifdef NL_VARYING
#define NL_OF_PARAMETERS INLINE
#else
#define NL_OF_PARAMETERS static __attribute__((noinline, const, unused))
#endif
#define NL_ONCE(function) \
    NL_OF_PARAMETERS T NL(function##_once)(T u) { return NL(function)(u); }
NL_ONCE(exp)
NL_ONCE(log)
NL_ONCE(tanh)
NL_ONCE(sech2)
NL_ONCE(erf)
#undef NL_ONCE
NL_OF_PARAMETERS T NL(choose_once)(int condition, T a, T b) { return condition ? a : b; }
#undef NL_OF_PARAMETERS

/* A choice between two values that are computed both: no branch is left in the loop. */
INLINE T NL(choose)(int condition, T a, T b) { return condition ? a : b; }

INLINE T NL(square)(T u) { return u * u; }

/* u / c for a constant c. Double that becomes float, float that becomes 16 bit: a product, its error is out of sight. Float: a product and its exact
   correction, a third of a division's time (infinite u gives NaN and is the double path's). */
INLINE T NL(over)(T u, double c) {
#if NL_PRECISION == NL_IN_DOUBLE
    return u / c;
#else
    const T inverse = (T)(1.0 / c), quotient = u * inverse;
#if NL_PRECISION != NL_IN_FLOAT
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
#if NL_PAIRS
    const T moved = r.high - a.high;
    r.low = ((a.high - (r.high - moved)) + (b.high - moved)) + (a.low + b.low);
#endif
    return r;
}

INLINE NL(pair) NL(product)(NL(pair) a, NL(pair) b) {
    NL(pair) r = {a.high * b.high, C(0)};
#if NL_PAIRS
    r.low = NL_FMA(a.high, b.high, -r.high) + NL_FMA(a.high, b.low, a.low * b.high);
#endif
    return r;
}

/* The same with an operand that is exact. */
INLINE NL(pair) NL(sum_with)(NL(pair) a, T b) {
    NL(pair) r = {a.high + b, C(0)};
#if NL_PAIRS
    const T moved = r.high - a.high;
    r.low = ((a.high - (r.high - moved)) + (b - moved)) + a.low;
#endif
    return r;
}

INLINE NL(pair) NL(product_with)(NL(pair) a, T b) {
    NL(pair) r = {a.high * b, C(0)};
#if NL_PAIRS
    r.low = NL_FMA(a.low, b, NL_FMA(a.high, b, -r.high));
#endif
    return r;
}

INLINE NL(pair) NL(product_of)(T a, T b) {
    NL(pair) r = {a * b, C(0)};
#if NL_PAIRS
    r.low = NL_FMA(a, b, -r.high);
#endif
    return r;
}

INLINE NL(pair) NL(divided)(NL(pair) a, NL(pair) b) {
    NL(pair) r = {a.high / b.high, C(0)};
#if NL_PAIRS
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
#if NL_PRECISION == NL_IN_FLOAT || NL_PRECISION == NL_IN_SHORT
    (void)x, (void)low, (void)high;
    return y;
#else
    const T end = x > C(0) ? high : low, other = x == x ? end : x; /* side by side: nested choices cost mask arithmetic */
    return y == y ? y : other;
#endif
}

/* A primitive f with "joint" in the table has two more forms: v f(u), and a f(u) + b f'(u) by one exponential, as a product's
   derivative needs it; each also for an argument that is a pair. Float has its own, for logistic functions of pairs too. */
#if NL_PRECISION == NL_IN_DOUBLE || NL_PRECISION == NL_IN_WIDE
INLINE T NL(times_sigmoid)(T v, T u) { return v * NL(sigmoid)(u); }

INLINE T NL(sigmoid_line)(T u, T a, T b) { return NL_FMA(NL(logistic_pdf)(u), b, a * NL(sigmoid)(u)); }

INLINE T NL(times_normal_cdf)(T v, T u) { return v * NL(normal_cdf)(u); }

INLINE T NL(normal_cdf_line)(T u, T a, T b) { return NL_FMA(NL(normal_pdf)(u), b, a * NL(normal_cdf)(u)); }

INLINE T NL(times_sigmoid_at)(T v, T u, T more) {
    return v * NL(corrected)(NL(sigmoid)(u), NL(logistic_pdf)(u), more);
}
#endif

INLINE T NL(sigmoid_line_at)(T u, T more, T a, NL(pair) b) {
#if NL_PRECISION == NL_IN_WIDE
    (void)more;
    return NL(sigmoid_line)(u, a, b.high);
#else
    return NL(sigmoid_line_of)(u, more, a, b.high, b.low);
#endif
}

/* tanh(log(1 + exp(u))) = above/below by one exponential: with w = exp(u), (w^2 + 2w)/(w^2 + 2w + 2); divided by w^2 where
   u > 0. The derivative is 4w(1 + w)/(w^2 + 2w + 2)^2 = more/below^2. */
typedef struct {
    T above, below, more;
} NL(tanh_softplus_parts);

INLINE NL(tanh_softplus_parts) NL(tanh_softplus_of)(T u) {
    const T e = NL(exp_minus)(u > C(0) ? u : -u), above = u > C(0) ? NL_FMA(C(2), e, C(1)) : e * (e + C(2));
    const T half = C(4) * (u > C(0) ? e : C(1));
    const NL(tanh_softplus_parts) p = {
        above, u > C(0) ? NL_FMA(C(2) * e, e, above) : NL_FMA(e, e + C(2), C(2)), half * NL_FMA(e, e, e),
    };
    return p;
}

INLINE T NL(times_tanh_softplus)(T v, T u) {
    const NL(tanh_softplus_parts) p = NL(tanh_softplus_of)(u);
    return v * (p.above / p.below);
}

INLINE T NL(tanh_softplus)(T u) {
    const NL(tanh_softplus_parts) p = NL(tanh_softplus_of)(u);
    return p.above / p.below;
}

INLINE T NL(tanh_softplus_slope)(T u) {
    const NL(tanh_softplus_parts) p = NL(tanh_softplus_of)(u);
    return p.more / (p.below * p.below);
}

INLINE T NL(tanh_softplus_line)(T u, T a, T b) {
    const NL(tanh_softplus_parts) p = NL(tanh_softplus_of)(u);
    return NL_FMA(b, p.more, a * (p.above * p.below)) / (p.below * p.below);
}

/* The rest for pairs: float leaves the argument's error to the double path. */
INLINE T NL(times_normal_cdf_at)(T v, T u, T more) {
#if NL_COMPENSATED
    return v * NL(corrected)(NL(normal_cdf)(u), NL(normal_pdf)(u), more);
#else
    (void)more;
    return NL(times_normal_cdf)(v, u);
#endif
}

INLINE T NL(normal_cdf_line_at)(T u, T more, T a, NL(pair) b) {
#if NL_COMPENSATED
    const T slope = NL(normal_pdf)(u);
    return NL_FMA(NL(corrected)(slope, -u * slope, more), b.high, a * NL(corrected)(NL(normal_cdf)(u), slope, more));
#else
    (void)more;
    return NL(normal_cdf_line)(u, a, b.high);
#endif
}

INLINE T NL(times_tanh_softplus_at)(T v, T u, T more) {
#if NL_COMPENSATED
    return v * NL(corrected)(NL(tanh_softplus)(u), NL(tanh_softplus_slope)(u), more);
#else
    (void)more;
    return NL(times_tanh_softplus)(v, u);
#endif
}

INLINE T NL(tanh_softplus_line_at)(T u, T more, T a, NL(pair) b) {
#if NL_COMPENSATED
    const T y = NL(tanh_softplus)(u), slope = NL(tanh_softplus_slope)(u);
    const T steeper = slope * (NL(sigmoid)(-u) - C(2) * y * NL(sigmoid)(u));
    return NL_FMA(NL(corrected)(slope, steeper, more), b.high, a * NL(corrected)(y, slope, more));
#else
    (void)more;
    return NL(tanh_softplus_line)(u, a, b.high);
#endif
}
