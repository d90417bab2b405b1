/* The primitives in float32, continued: logarithms and what needs them, and the circular functions. */

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
