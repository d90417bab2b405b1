/* The primitives in float32: the fast path of float32, bfloat16 and float16 tensors.

   Branch-free, so that a loop over them becomes vector code; a choice between two values comes last, and each condition
   once: GCC computes everything twice that depends on a condition used in two places. An intermediate carries what its
   rounding lost (a pair high + low, with FMA for a product's lost half) until the last operation, which rounds once.
   Exponents are held within bounds and powers of 2 multiplied in last, so that no intermediate is subnormal.

   Left to the double path: what lies below 2^-125 (exp and normal_pdf give 0), the logistic family's tails beyond 69 and
   sech2's beyond 34 (a constant near 2^-101), normal_cdf's beyond 9, sin and cos beyond 2^30 (NaN), and the
   exponentials inside sigmoid, softplus, sinh, cosh, normal_cdf and their kin of arguments beyond 2^20 (anything, NaN too). */

#define NL_FMA_F __builtin_fmaf
#define NL_INFINITY_F __builtin_inff()

/* c0 + c1 x + c2 x^2 + ..., by Horner's rule. */
#define NL_P1_F(x, a) (a)
#define NL_P2_F(x, a, ...) NL_FMA_F(NL_P1_F(x, __VA_ARGS__), x, a)
#define NL_P3_F(x, a, ...) NL_FMA_F(NL_P2_F(x, __VA_ARGS__), x, a)
#define NL_P4_F(x, a, ...) NL_FMA_F(NL_P3_F(x, __VA_ARGS__), x, a)
#define NL_P5_F(x, a, ...) NL_FMA_F(NL_P4_F(x, __VA_ARGS__), x, a)
#define NL_P6_F(x, a, ...) NL_FMA_F(NL_P5_F(x, __VA_ARGS__), x, a)
#define NL_P7_F(x, a, ...) NL_FMA_F(NL_P6_F(x, __VA_ARGS__), x, a)
#define NL_P8_F(x, a, ...) NL_FMA_F(NL_P7_F(x, __VA_ARGS__), x, a)
#define NL_P9_F(x, a, ...) NL_FMA_F(NL_P8_F(x, __VA_ARGS__), x, a)
#define NL_P10_F(x, a, ...) NL_FMA_F(NL_P9_F(x, __VA_ARGS__), x, a)

INLINE uint32_t nl_bits_f(float u) {
    uint32_t bits;
    memcpy(&bits, &u, sizeof bits);
    return bits;
}

INLINE float nl_from_bits_f(uint32_t bits) {
    float u;
    memcpy(&u, &bits, sizeof u);
    return u;
}

/* ---- a value and what rounding took from it ---- */

typedef struct {
    float high, low;
} nl_twice_f;

/* a + b; exact where |a| >= |b| or a is 0. */
INLINE nl_twice_f nl_fast_two_sum_f(float a, float b) {
    const float sum = a + b;
    const nl_twice_f r = {sum, (a - sum) + b};
    return r;
}

INLINE nl_twice_f nl_two_sum_f(float a, float b) {
    const float sum = a + b, moved = sum - a;
    const nl_twice_f r = {sum, (a - (sum - moved)) + (b - moved)};
    return r;
}

/* ---- exponentials ---- */

/* exp(u + more) = (1 + r + rest) scale 2^-shift, |r| <= ln(2)/2, for |u| up to 2^20. The exponent's bits of scale are held
   within lowest..highest (0 makes it 0, 127 is 1): cheaper than holding u, and NaN comes through; NL_ANY_F for no limit.
   u - n ln2 is exact in one FMA: both sides are multiples of 2^-24, or n is 0, and their difference is below 1/2.
   r^2/2 apart from the polynomial leaves one rounding of it; NL_TINY_F as `more` keeps its square a normal number. */
#define NL_TINY_F 0x1p-60f
#define NL_ANY_F (-1)

typedef struct {
    float r, rest, scale;
} nl_power_f;

INLINE nl_power_f nl_reduced_exp_f(float u, float more, float shift, int32_t lowest, int32_t highest) {
    const float magic = 0x1.8p23f + 127.0f + shift; /* the exponent's bits end up lowest */
    const float t = NL_FMA_F(u, 0x1.715476p+0f, magic), n = t - magic, r = NL_FMA_F(-n, 0x1.62e430p-1f, u);
    const float low = NL_FMA_F(n, 0x1.05c610p-29f, more), near = r + low, square = near * near;
    const float upper = NL_FMA_F(square, 0.00019947656f, NL_P2_F(near, 0.008333204f, 0.0013935094f));
    const float cubic = NL_FMA_F(square, upper, NL_P2_F(near, 0.16666667f, 0.041666463f));
    const int32_t zero = 0x4b400000, bits = (int32_t)nl_bits_f(t); /* the bits of 0x1.8p23 */
    const int32_t least = (lowest != NL_ANY_F) & (bits < zero + lowest) ? zero + lowest : bits;
    const int32_t held = (highest != NL_ANY_F) & (least > zero + highest) ? zero + highest : least;
    const nl_power_f e = {r, NL_FMA_F(0.5f, square, NL_FMA_F(near * square, cubic, low)), nl_from_bits_f((uint32_t)held << 23)};
    return e;
}

/* (1 + r + rest) as a pair. */
INLINE nl_twice_f nl_mantissa_f(nl_power_f e) {
    const nl_twice_f h = nl_fast_two_sum_f(1.0f, e.r);
    return nl_fast_two_sum_f(h.high, h.low + e.rest);
}

INLINE float nl_exp_f(float u) {
    const nl_power_f e = nl_reduced_exp_f(u, NL_TINY_F, -1.0f, NL_ANY_F, NL_ANY_F); /* half of it: 2^128 is no number */
    const nl_twice_f h = nl_fast_two_sum_f(1.0f, e.r);
    const float y = (h.high + (h.low + e.rest)) * e.scale * 2.0f, below = u < -86.6f ? 0.0f : y;
    return u > 89.0f ? NL_INFINITY_F : below;
}

INLINE float nl_expm1_f(float u) {
    const nl_power_f e = nl_reduced_exp_f(u, NL_TINY_F, -1.0f, NL_ANY_F, NL_ANY_F);
    const nl_twice_f one = nl_fast_two_sum_f(e.scale, -0.5f);
    const float sum = NL_FMA_F(e.scale, e.r, one.high), lost = NL_FMA_F(e.scale, e.r, one.high - sum);
    const float y = 2.0f * (sum + (lost + NL_FMA_F(e.scale, e.rest, one.low)));
    const float below = u < -20.0f ? -1.0f : y, finite = u > 89.0f ? NL_INFINITY_F : below;
    return __builtin_fabsf(u) < 0x1p-26f ? u : finite;
}

/* exp(a)/4 as a pair, and exp(-a)/4, which is negligible where it is held at 2^-64. */
INLINE nl_twice_f nl_quarter_exp_f(float a, float *inverse) {
    const nl_power_f p = nl_reduced_exp_f(a, NL_TINY_F, -2.0f, NL_ANY_F, 254);
    const nl_twice_f m = nl_mantissa_f(p), e = {m.high * p.scale, m.low * p.scale};
    *inverse = 0.0625f / (e.high > 0x1p60f ? 0x1p60f : e.high);
    return e;
}

INLINE float nl_cosh_f(float u) {
    float inverse;
    const nl_twice_f e = nl_quarter_exp_f(__builtin_fabsf(u), &inverse), sum = nl_fast_two_sum_f(e.high, inverse);
    return 2.0f * (sum.high + (sum.low + e.low));
}

INLINE float nl_sinh_f(float u) {
    float inverse;
    const float a = __builtin_fabsf(u), w = a * a;
    const nl_twice_f e = nl_quarter_exp_f(a, &inverse), sum = nl_fast_two_sum_f(e.high, -inverse);
    const float far = 2.0f * (sum.high + (sum.low + e.low));
    const float near = NL_FMA_F(a * w, NL_P4_F(w, 0.16666667f, 0.008333311f, 0.00019842635f, 2.7839255e-06f), a);
    return __builtin_copysignf(a < 1.0f ? near : far, u);
}

/* tanh(a) = q + rest y = E/(2 - E) for a >= 0, E = 1 - exp(-2a): from 9.02 on it rounds to 1. */
typedef struct {
    float q, rest, y;
} nl_tanhs_f;

INLINE nl_tanhs_f nl_tanh_parts_f(float a) {
    const nl_power_f p = nl_reduced_exp_f(-2.0f * a, NL_TINY_F, 0.0f, NL_ANY_F, NL_ANY_F);
    const nl_twice_f h = nl_fast_two_sum_f(1.0f, p.r);
    const float one = NL_FMA_F(-p.scale, h.high, 1.0f), lost = NL_FMA_F(-p.scale, h.high, 1.0f - one);
    const nl_twice_f e = nl_fast_two_sum_f(one, NL_FMA_F(-p.scale, h.low + p.rest, lost)), d = nl_fast_two_sum_f(2.0f, -e.high);
    const float y = 1.0f / d.high, q = e.high * y;
    const nl_tanhs_f r = {q, NL_FMA_F(-q, d.low - e.low, NL_FMA_F(-q, d.high, e.high) + e.low), y};
    return r;
}

/* u - tanh(u): u^3 times a polynomial in u^2 below 0.7, the difference above. */
INLINE float nl_tanh_residual_f(float u) {
    const float a = __builtin_fabsf(u), w = a * a;
    const nl_tanhs_f t = nl_tanh_parts_f(a);
    const nl_twice_f far = nl_fast_two_sum_f(a, -t.q);
    const float p = NL_FMA_F(w, NL_P6_F(w, -0.13333328f, 0.053966504f, -0.021847602f, 0.008731674f, -0.0031754188f,
        0.00075461937f), -1.022437e-08f);
    const nl_twice_f slope = nl_fast_two_sum_f(0.33333334f, p);
    const float product = w * slope.high, lost = NL_FMA_F(w, slope.high, -product);
    const float near = NL_FMA_F(a, product, a * NL_FMA_F(NL_FMA_F(a, a, -w), slope.high, NL_FMA_F(w, slope.low, lost)));
    const float above = a > 20.0f ? a - 1.0f : far.high + NL_FMA_F(-t.rest, t.y, far.low);
    return __builtin_copysignf(a < 0.7f ? near : above, u);
}
