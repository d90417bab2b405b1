/* The primitives in float32: the fast path of float32, bfloat16 and float16 tensors.

   Branch-free, so that a loop over them becomes vector code; a choice between two values comes last, and each condition
   once: GCC computes everything twice that depends on a condition used in two places. An intermediate carries what its
   rounding lost (a pair high + low, with FMA for a product's lost half) until the last operation, which rounds once.
   Exponents are held within bounds and powers of 2 multiplied in last, so that no intermediate is subnormal.

   Left to the double path: what lies below 2^-125 (exp and normal_pdf give 0), the logistic family's tails beyond 69 and
   sech2's beyond 34 (a constant near 2^-101), sin and cos beyond 32768 (u = 0 instead), and the exponentials inside
   sigmoid, softplus, sinh, cosh, normal_cdf and their kin of arguments beyond 2^20 (anything, NaN too). */

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

/* 1/(1 + e) = y + y more with e = exp(-u) held within 2^-101..2^101: nothing here comes near 2^-126 then. No |u|:
   a choice of sides costs more than it saves. */
typedef struct {
    nl_twice_f e;
    float y, more;
} nl_logistic_f;

INLINE nl_logistic_f nl_logistic_parts_f(float u) {
    const nl_power_f p = nl_reduced_exp_f(-u, NL_TINY_F, 0.0f, 127 - 101, 127 + 101);
    const nl_twice_f m = nl_mantissa_f(p), e = {m.high * p.scale, m.low * p.scale}, sum = nl_two_sum_f(1.0f, e.high);
    const float y = 1.0f / sum.high;
    const nl_logistic_f r = {e, y, NL_FMA_F(-y, sum.low + e.low, NL_FMA_F(-y, sum.high, 1.0f))};
    return r;
}

INLINE float nl_sigmoid_f(float u) {
    const nl_logistic_f p = nl_logistic_parts_f(u);
    return NL_FMA_F(p.y, p.more, p.y);
}

/* e y^2 */
INLINE float nl_logistic_pdf_f(float u) {
    const nl_logistic_f p = nl_logistic_parts_f(u);
    const float upper = p.e.high * p.y, product = upper * p.y;
    const float lost = NL_FMA_F(p.y, NL_FMA_F(p.y, p.e.low, NL_FMA_F(p.e.high, p.y, -upper)), NL_FMA_F(upper, p.y, -product));
    return product + NL_FMA_F(p.more + p.more, product, lost);
}

INLINE float nl_sech2_f(float u) { return 4.0f * nl_logistic_pdf_f(2.0f * u); }

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

INLINE float nl_tanh_f(float u) {
    const float a = __builtin_fabsf(u);
    const nl_tanhs_f t = nl_tanh_parts_f(a);
    const float y = NL_FMA_F(t.rest, t.y, t.q), above = a > 9.1f ? 1.0f : y;
    return __builtin_copysignf(a < 0x1p-13f ? a : above, u);
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

/* ---- logarithms ---- */

/* log(1 + f) = f + f (f Q(f)) for 1 + f in [sqrt(1/2), sqrt(2)]: f Q(f). */
INLINE float nl_near_log_f(float f) {
    return f * NL_P10_F(f, -0.5f, 0.33333313f, -0.2500001f, 0.20002072f, -0.16667989f, 0.14220358f, -0.124062344f,
        0.1188355f, -0.1167009f, 0.067492515f);
}

/* u = 2^k m, m in [sqrt(1/2), sqrt(2)), u normal; back: 2^-k. */
typedef struct {
    float k, m, back;
} nl_split_f;

INLINE nl_split_f nl_split_exponent_f(float u) {
    const uint32_t root = 0x3f3504f3, i = nl_bits_f(u) + (0x3f800000 - root), e = i >> 23;
    const nl_split_f r = {(float)((int32_t)e - 127), nl_from_bits_f((i & 0x7fffff) + root),
        nl_from_bits_f(e > 254 ? 0 : (254 - e) << 23)};
    return r;
}

/* k ln2 + log(1 + f + more); ln2's first part has 15 bits: k times it is exact. */
INLINE float nl_whole_log_f(float k, float f, float more) {
    const float near = NL_FMA_F(f, nl_near_log_f(f) - more, more);
    const nl_twice_f sum = nl_fast_two_sum_f(k * 0x1.62e4p-1f, f);
    return sum.high + (sum.low + NL_FMA_F(k, 0x1.7f7d1cp-20f, near));
}

INLINE float nl_log_f(float u) {
    const int small = u < 0x1p-126f;
    const nl_split_f p = nl_split_exponent_f(small ? u * 0x1p24f : u);
    const float y = nl_whole_log_f(p.k - (small ? 24.0f : 0.0f), p.m - 1.0f, 0.0f);
    const float outside = u == 0.0f ? -NL_INFINITY_F : (u < 0.0f ? __builtin_nanf("") : u); /* infinity and NaN remain */
    return ((u > 0.0f) & (u < NL_INFINITY_F)) ? y : outside;
}

INLINE float nl_log1p_f(float u) {
    const nl_twice_f sum = nl_two_sum_f(1.0f, u);
    const nl_split_f p = nl_split_exponent_f(sum.high);
    const nl_twice_f f = nl_fast_two_sum_f(p.m - 1.0f, sum.low * p.back);
    const float y = nl_whole_log_f(p.k, f.high, f.low);
    const float outside = u == -1.0f ? -NL_INFINITY_F : (u < -1.0f ? __builtin_nanf("") : u);
    const float finite = __builtin_fabsf(u) < 0x1p-26f ? u : y;
    return ((u > -1.0f) & (u < NL_INFINITY_F)) ? finite : outside;
}

/* max(u, 0) + log(1 + e), e = exp(-|u|): log(1 + e) = e - (1 - ln2) e^2 + e^2 (1 - e) K(e), where the last term is small. */
INLINE float nl_softplus_f(float u) {
    const nl_power_f p = nl_reduced_exp_f(-__builtin_fabsf(u), NL_TINY_F, 0.0f, 127 - 101, NL_ANY_F);
    const nl_twice_f m = nl_mantissa_f(p);
    const float e = m.high * p.scale, v = e * -0.30685282f, w = e * e, first = NL_FMA_F(m.high, v, m.high);
    const float k = NL_P4_F(w, NL_P2_F(e, -0.19314648f, 0.1401577f), NL_P2_F(e, -0.109416924f, 0.08747191f),
        NL_P2_F(e, -0.06587458f, 0.040548198f), NL_P2_F(e, -0.016708525f, 0.003263521f));
    const float low = NL_FMA_F(m.low, v + v, m.low) + NL_FMA_F(m.high, v, m.high - first);
    const float more = NL_FMA_F(m.high * e, k - e * k, low); /* log(1 + e) = (first + more) scale */
    const nl_twice_f sum = nl_two_sum_f(u > 0.0f ? u : 0.0f, first * p.scale);
    return sum.high + NL_FMA_F(more, p.scale, sum.low);
}

/* log(u) in double to 2^-40 for normal u > 0. */
INLINE double nl_wide_log_f(double u) {
    uint64_t i;
    memcpy(&i, &u, sizeof i);
    const uint64_t root = 0x3fe6a09e667f3bcd, j = i + (0x3ff0000000000000 - root), e = (j >> 52) | 0x4330000000000000;
    const uint64_t mantissa = (j & 0xfffffffffffff) + root;
    double k, m;
    memcpy(&k, &e, sizeof k);
    memcpy(&m, &mantissa, sizeof m);
    const double s = (m - 1.0) / (m + 1.0), z = s * s;
    const double p = ((((0.1980 * z + 0.2222) * z + 0.285714) * z + 0.4) * z + 0.6666666666666) * z + 2.0;
    return (k - (0x1p52 + 1023.0)) * 0x1.62e42fefa39efp-1 + s * p;
}

/* log(a + sqrt(1 + a^2)), in double; a - a^3/6 below 2^-10. */
INLINE float nl_asinh_f(float u) {
    const float a = __builtin_fabsf(u);
    const double w = a, y = nl_wide_log_f(w + __builtin_sqrt(1.0 + w * w));
    const float near = NL_FMA_F(a * a, a * -0.16666667f, a);
    return a < 0x1p-10f ? __builtin_copysignf(near, u) : (a < NL_INFINITY_F ? __builtin_copysignf((float)y, u) : u);
}

/* ---- circular functions ---- */

/* sin(u + quarters pi/2): both kernels on the remainder by pi/2, which is a pair, then a choice by the quadrant. */
INLINE float nl_circular_f(float u, uint32_t quarters) {
    const float to = __builtin_fabsf(u) > 32768.0f ? 0.0f : u;
    const float t = NL_FMA_F(to, 0x1.45f306p-1f, 0x1.8p23f), n = t - 0x1.8p23f, product = n * -0x1.777a5cp-25f;
    const nl_twice_f r = nl_two_sum_f(NL_FMA_F(-n, 0x1.921fb6p+0f, to), -product);
    const float low = r.low - NL_FMA_F(n, -0x1.777a5cp-25f, -product) + n * 0x1.ee59dap-50f;
    const float w = r.high * r.high;
    const float odd = NL_P4_F(w, -0.16666667f, 0.00833338f, -0.00019853505f, 2.837394e-06f);
    const float even = NL_P3_F(w, 0.041666646f, -0.0013887301f, 2.4430668e-05f);
    const float sine = r.high + NL_FMA_F(r.high * w, odd, NL_FMA_F(-0.5f * w, low, low));
    const nl_twice_f one = nl_fast_two_sum_f(1.0f, -0.5f * w);
    const float lost = NL_FMA_F(-r.high, low, -0.5f * NL_FMA_F(r.high, r.high, -w));
    const float cosine = one.high + (one.low + NL_FMA_F(w * w, even, lost));
    const uint32_t quadrant = nl_bits_f(t) + quarters;
    const float y = (quadrant & 1) ? cosine : sine;
    return nl_from_bits_f(nl_bits_f(y) ^ ((quadrant & 2) << 30));
}

INLINE float nl_sin_f(float u) { return nl_circular_f(u, 0); }

INLINE float nl_cos_f(float u) { return nl_circular_f(u, 1); }

/* atan(t) for t = a up to 1; pi/2 - atan(t) for t = 1/a beyond. */
INLINE float nl_atan_f(float u) {
    const float a = __builtin_fabsf(u), b = a > 0x1p60f ? 0x1p60f : a;
    const float top = b > 1.0f ? 1.0f : b, bottom = b < 1.0f ? 1.0f : b;
    const float y = 1.0f / bottom, t = top * y, rest = y * NL_FMA_F(-t, bottom, top), w = t * t;
    const float p = w * NL_P10_F(w, -0.33333328f, 0.19999716f, -0.14280343f, 0.11061233f, -0.08821462f, 0.06763649f,
        -0.044983257f, 0.022777617f, -0.007425363f, 0.0011345221f);
    const float low = NL_FMA_F(t, p, rest);
    const nl_twice_f far = nl_fast_two_sum_f(0x1.921fb6p+0f, -t);
    return __builtin_copysignf(b > 1.0f ? far.high + (far.low - (low + 0x1.777a5cp-25f)) : t + low, u);
}

/* ---- the normal distribution ---- */

/* exp(-a^2/2) = e scale: the rounding error of a^2 enters the exponent too. Beyond 13.2 it is below 2^-126. */
typedef struct {
    nl_twice_f e;
    float scale;
} nl_gauss_f;

INLINE nl_gauss_f nl_gauss_parts_f(float a) {
    const float half = -0.5f * a, square = half * a;
    const nl_power_f p = nl_reduced_exp_f(square, NL_FMA_F(half, a, -square) + NL_TINY_F, 0.0f, 0, NL_ANY_F);
    const nl_gauss_f r = {nl_mantissa_f(p), p.scale};
    return r;
}

INLINE float nl_normal_pdf_f(float u) {
    const nl_gauss_f d = nl_gauss_parts_f(__builtin_fabsf(u));
    return NL_FMA_F(d.e.high, 0x1.988454p-2f, NL_FMA_F(d.e.low, 0x1.988454p-2f, d.e.high * -0x1.857936p-27f)) * d.scale;
}

/* The normal distribution function at -a is exp(-a^2/2) R(a), with R(a) = P(q) y, y = 1/(a + 2), q = 1 - 4y. The rounding of
   y is put back by R'(a) = a R - 1/sqrt(2 pi); the last step of P is a pair. */
INLINE float nl_normal_cdf_f(float u) {
    const float a = __builtin_fabsf(u), sum = a + 2.0f, y = 1.0f / sum;
    const nl_gauss_f d = nl_gauss_parts_f(a);
    const float moved = NL_FMA_F(y, a - (sum - 2.0f), NL_FMA_F(y, sum, -1.0f)) * sum; /* a - (1/y - 2) */
    const float q = NL_FMA_F(-4.0f, y, 1.0f), w = q * q;
    const float upper = NL_P4_F(w, NL_P2_F(q, -0.0004700119f, -0.0067352597f), NL_P2_F(q, -0.0019502699f, 0.0008261952f),
        NL_P2_F(q, 0.00083412277f, 0.00012906753f), NL_P2_F(q, -0.00014765268f, -6.34233e-05f));
    const float slope = NL_P4_F(q, -0.33140448f, 0.028797388f, 0.036719482f, upper);
    const float p = NL_FMA_F(q, slope, 0.672408f), p_low = NL_FMA_F(q, slope, 0.672408f - p) + 2.0010845e-08f;
    const float ratio = p * y, change = moved * NL_FMA_F(a, ratio, -0.3989423f);
    const float ratio_low = NL_FMA_F(p_low, y, NL_FMA_F(p, y, -ratio)) + change;
    const float tail = d.e.high * ratio;
    const float tail_low = NL_FMA_F(d.e.high, ratio_low, NL_FMA_F(d.e.low, ratio, NL_FMA_F(d.e.high, ratio, -tail)));
    const float lower = (tail + tail_low) * d.scale;
    return u < 0.0f ? lower : 1.0f - lower;
}

/* u times a polynomial in u^2 below 1; 1 - exp(-polynomial in u) above; from 3.92 on it rounds to 1. */
INLINE float nl_erf_f(float u) {
    const float a = __builtin_fabsf(u), w = a * a, b = a > 3.95f ? 3.95f : a;
    const float p = NL_P7_F(w, -0.37612638f, 0.112837695f, -0.026864542f, 0.0052183014f, -0.00084420963f,
        0.000109502165f, -8.74217e-06f);
    const float near = NL_FMA_F(a, 0x1.20dd76p+0f, a * NL_FMA_F(w, p, -0x1.f7ac92p-25f));
    const float q = NL_P8_F(b, -0.00018803756f, 1.1295785f, 0.63321966f, 0.10841901f, -0.025208663f, 0.0042047715f,
        -0.0004413928f, 2.169306e-05f);
    const nl_power_f e = nl_reduced_exp_f(-q, NL_TINY_F, 0.0f, 90, NL_ANY_F);
    const float far = NL_FMA_F(-e.scale, 1.0f + (e.r + e.rest), 1.0f);
    return __builtin_copysignf(a < 1.0f ? near : far, u);
}

/* ---- powers and pieces; each lets NaN through ---- */

INLINE float nl_relu_f(float u) { return u <= 0.0f ? 0.0f : u; }

INLINE float nl_clip_f(float u, float low, float high) {
    const float above = u <= low ? low : u;
    return above >= high ? high : above;
}

INLINE float nl_leaky_f(float u, float slope) { return u > 0.0f ? u : slope * u; }

INLINE float nl_abs_f(float u) { return __builtin_fabsf(u); }

INLINE float nl_sign_f(float u) { return u > 0.0f ? 1.0f : (u < 0.0f ? -1.0f : u); }

INLINE float nl_maximum_f(float u, float v) { return ((u > v) | (u != u)) ? u : v; }

INLINE float nl_minimum_f(float u, float v) { return ((u < v) | (u != u)) ? u : v; }

INLINE float nl_sqrt_f(float u) { return __builtin_sqrtf(u); }

/* exp(v log|u|), in double; as libm's where u is negative, 0 or infinite. */
INLINE float nl_pow_f(float u, float v) {
    const float a = __builtin_fabsf(u), half = 0.5f * v;
    const double log = a < NL_INFINITY_F ? nl_wide_log_f(a) : (double)a;
    const double product = v * (a == 0.0f ? -(double)NL_INFINITY_F : log), least = product < -200.0 ? -200.0 : product;
    const double x = least > 200.0 ? 200.0 : least;
    const double t = __builtin_fma(x, 0x1.71547652b82fep+0, 0x1.8p52 + 1023.0), n = t - (0x1.8p52 + 1023.0);
    const double r = __builtin_fma(-n, 0x1.62e42fefa39efp-1, x);
    const double p = (((((((1.0 / 362880 * r + 1.0 / 40320) * r + 1.0 / 5040) * r + 1.0 / 720) * r + 1.0 / 120) * r
        + 1.0 / 24) * r + 1.0 / 6) * r + 0.5) * r * r + r + 1.0;
    uint64_t bits;
    memcpy(&bits, &t, sizeof bits);
    bits <<= 52;
    double scale;
    memcpy(&scale, &bits, sizeof scale);
    const float y = v == 0.0f ? 1.0f : (float)(p * scale);
    const int whole = __builtin_rintf(v) == v, odd = whole & (__builtin_rintf(half) != half);
    const float negative = (whole | (a == 0.0f) | (a == NL_INFINITY_F)) ? y : __builtin_nanf("");
    return nl_bits_f(u) >> 31 ? (odd ? -negative : negative) : y;
}
