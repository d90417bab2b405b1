/* The primitives in float32, for results in float32, bfloat16 and float16.

   The ones that torch computes quickly are float arithmetic, whose last digits are carried in pairs high + low: about 0.5
   ULP each, because a formula adds an ULP of its own. They hold where results are normal numbers (-87 <= u <= 88, |u| <= 13
   for the normal distribution); beyond, the measured interval sends elements to the double path. The others are wide.h's. */

#define NL_FMA_F __builtin_fmaf

/* exp(u) = scale * (high + low), with u held to where scale is a normal number. */
typedef struct {
    float high, low, scale;
} nl_power_f;

INLINE nl_power_f nl_power_parts_f(float u) {
    const float held = u < -87.0f ? -87.0f : (u > 88.0f ? 88.0f : u);
    const float shifted = NL_FMA_F(held, 1.44269504f, 12582912.0f), n = shifted - 12582912.0f;
    const float r = NL_FMA_F(n, -1.42860677e-6f, NL_FMA_F(n, -0.693145752f, held)); /* |r| <= log(2)/2 */
    float q = 0x1.6db770p-10f; /* (exp(r) - 1 - r)/r^2 to 2^-28 of exp(r) */
    q = NL_FMA_F(q, r, 0x1.123dbep-7f);
    q = NL_FMA_F(q, r, 0x1.55545ap-5f);
    q = NL_FMA_F(q, r, 0x1.55548cp-3f);
    q = NL_FMA_F(q, r, 0.5f);
    const float less = NL_FMA_F(r * r, q, r), high = 1.0f + less;
    const nl_power_f p = {high, less - (high - 1.0f), nl_from_bits_f((nl_bits_f(shifted) << 23) + 0x3f800000u)};
    return p;
}

INLINE float nl_exp_f(float u) {
    const nl_power_f p = nl_power_parts_f(u);
    return p.high * p.scale;
}

/* With e = exp(-|u|): 1/(1 + e) as high + low, and e as its power. */
typedef struct {
    nl_power_f e;
    float high, low;
} nl_logistic_f;

INLINE nl_logistic_f nl_logistic_parts_f(float u) {
    nl_logistic_f r;
    r.e = nl_power_parts_f(-__builtin_fabsf(u));
    const float e = r.e.high * r.e.scale, sum = 1.0f + e;
    const float scale = r.e.scale > 0x1p-60f ? r.e.scale : 0x1p-60f; /* the rest of a smaller e is lost, and stays normal */
    const float rest = (e - (sum - 1.0f)) + r.e.low * scale;
    r.high = 1.0f / sum;
    r.low = r.high * (NL_FMA_F(-sum, r.high, 1.0f) - rest * r.high);
    return r;
}

INLINE float nl_sigmoid_f(float u) {
    const nl_logistic_f r = nl_logistic_parts_f(u);
    const int below = u < 0.0f;
    const float over = below ? r.e.high : 1.0f, over_low = below ? r.e.low : 0.0f, scale = below ? r.e.scale : 1.0f;
    const float high = over * r.high;
    const float low = NL_FMA_F(over, r.high, -high) + NL_FMA_F(over, r.low, over_low * r.high);
    return (high + low) * scale;
}

INLINE float nl_logistic_pdf_f(float u) {
    const nl_logistic_f r = nl_logistic_parts_f(u);
    const float high = r.e.high * r.high;
    const float low = NL_FMA_F(r.e.high, r.high, -high) + NL_FMA_F(r.e.high, r.low, r.e.low * r.high);
    const float product = high * r.high;
    const float rest = NL_FMA_F(high, r.high, -product) + NL_FMA_F(high, r.low, low * r.high);
    return (product + rest) * r.e.scale;
}

/* The normal density = scale * (high + low): u^2 as square + low, so that its rounding does not enter the exponent. */
INLINE nl_power_f nl_density_parts_f(float u) {
    const float held = u < -13.0f ? -13.0f : (u > 13.0f ? 13.0f : u);
    const float square = held * held, square_low = NL_FMA_F(held, held, -square);
    const nl_power_f e = nl_power_parts_f(-0.5f * square);
    const float c = 0x1.988454p-2f, c_low = -0x1.857936p-27f; /* 1/sqrt(2 pi) */
    const float e_low = NL_FMA_F(-0.5f * square_low, e.high, e.low), high = e.high * c;
    const nl_power_f p = {high, NL_FMA_F(e.high, c, -high) + NL_FMA_F(e.high, c_low, e_low * c), e.scale};
    return p;
}

INLINE float nl_normal_pdf_f(float u) {
    const nl_power_f p = nl_density_parts_f(u);
    return (p.high + p.low) * p.scale;
}

/* The lower tail is the density times Mills' ratio P((a - 4)/(a + 4))/(a + 4), a = |u|. */
INLINE float nl_normal_cdf_f(float u) {
    const nl_power_f density = nl_density_parts_f(u);
    const float a = __builtin_fabsf(u), held = a > 13.0f ? 13.0f : a;
    const float sum = held + 4.0f, sum_low = held - (sum - 4.0f), r = 1.0f / sum;
    const float r_error = NL_FMA_F(-sum, r, 1.0f) - sum_low * r;
    const float t = NL_FMA_F(-8.0f, r, 1.0f);
    float p = -0x1.5ae274p-12f;
    p = NL_FMA_F(p, t, 0x1.d76460p-12f);
    p = NL_FMA_F(p, t, 0x1.01e5eap-8f);
    p = NL_FMA_F(p, t, -0x1.2082cap-7f);
    p = NL_FMA_F(p, t, -0x1.350d62p-6f);
    p = NL_FMA_F(p, t, 0x1.36166cp-3f);
    p = NL_FMA_F(p, t, -0x1.dec41ap-2f);
    p = NL_FMA_F(p, t, 0x1.f0d95cp-1f);
    p = NL_FMA_F(p, t, -0x1.8615d8p+0f);
    const float top = p * t, top_low = NL_FMA_F(p, t, -top), value = 0x1.e4aa02p+0f + top;
    const float value_low = (top - (value - 0x1.e4aa02p+0f)) + top_low;
    const float ratio = value * r, ratio_low = NL_FMA_F(value, r, -ratio) + NL_FMA_F(ratio, r_error, value_low * r);
    const float lower = density.high * ratio;
    const float lower_low = NL_FMA_F(density.high, ratio, -lower) + NL_FMA_F(density.high, ratio_low, density.low * ratio);
    const float tail = (lower + lower_low) * density.scale;
    return u < 0.0f ? tail : 1.0f - tail;
}

INLINE float nl_relu_f(float u) { return u <= 0.0f ? 0.0f : u; }
INLINE float nl_clip_f(float u, float low, float high) { return u <= low ? low : (u >= high ? high : u); }
INLINE float nl_leaky_f(float u, float slope) { return u > 0.0f ? u : slope * u; }
INLINE float nl_abs_f(float u) { return __builtin_fabsf(u); }
INLINE float nl_sign_f(float u) { return u > 0.0f ? 1.0f : (u < 0.0f ? -1.0f : u); }
INLINE float nl_maximum_f(float u, float v) { return u > v || u != u ? u : v; }
INLINE float nl_minimum_f(float u, float v) { return u < v || u != u ? u : v; }
INLINE float nl_sqrt_f(float u) { return __builtin_sqrtf(u); }

#define NL_BY_WIDE(name) \
    INLINE float nl_##name##_f(float u) { return (float)nl_##name##_w((double)u); }
NL_BY_WIDE(expm1)
NL_BY_WIDE(log)
NL_BY_WIDE(log1p)
NL_BY_WIDE(sin)
NL_BY_WIDE(cos)
NL_BY_WIDE(tanh)
NL_BY_WIDE(sinh)
NL_BY_WIDE(cosh)
NL_BY_WIDE(asinh)
NL_BY_WIDE(atan)
NL_BY_WIDE(erf)
NL_BY_WIDE(softplus)
NL_BY_WIDE(sech2)
NL_BY_WIDE(tanh_residual)
INLINE float nl_pow_f(float u, float v) { return (float)nl_pow_w((double)u, (double)v); }
