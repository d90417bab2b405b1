/* The primitives in float for bfloat16 and float16 results: 32 ULP of float32 add less than 0.004 ULP to their rounding.

   Shorter polynomials, no remainder put back, one division for a value and its slope together, which a gate's gradient then
   shares. What gains nothing from that is float32.h's. Formulas alone on 131,072 float32 elements, 1 thread, AMD EPYC with
   AVX-512, against the float32 forms: gelu 55 us instead of 88, its derivative 57 instead of 133, silu's 33 instead of 65. */

INLINE nl_lean_power_f nl_short_power_f(float t, float r) {
    const float q = NL_P4_F(r, 0.4999923f, 0.16667114f, 0.041890122f, 0.008312524f);
    const nl_lean_power_f p = {NL_FMA_F(r * r, q, r), nl_lean_scale_f(t)};
    return p;
}

/* exp(u + more) */
INLINE nl_lean_power_f nl_short_exp_at_f(float u, float more) {
    const float t = NL_FMA_F(u, 0x1.715476p+0f, NL_LEAN_MAGIC);
    return nl_short_power_f(t, NL_FMA_F(t - NL_LEAN_MAGIC, -0x1.62e430p-1f, u) + more);
}

INLINE nl_lean_power_f nl_short_exp_f(float u) {
    const float t = NL_FMA_F(u, 0x1.715476p+0f, NL_LEAN_MAGIC);
    return nl_short_power_f(t, NL_FMA_F(t - NL_LEAN_MAGIC, -0x1.62e430p-1f, u));
}

INLINE float nl_exp_minus_h(float a) {
    const nl_lean_power_f p = nl_short_exp_f(-a);
    return NL_FMA_F(p.scale, p.less, p.scale);
}

/* 1/(1 + e), e = exp(-u) */
typedef struct {
    float e, y;
} nl_short_logistic_f;

INLINE nl_short_logistic_f nl_short_logistic_f_of(nl_lean_power_f p) {
    const float e = NL_FMA_F(p.scale, p.less, p.scale);
    const nl_short_logistic_f r = {e, 1.0f / (1.0f + e)};
    return r;
}

INLINE float nl_sigmoid_h(float u) { return nl_short_logistic_f_of(nl_short_exp_f(-u)).y; }

INLINE float nl_times_sigmoid_h(float v, float u) { return v * nl_sigmoid_h(u); }

INLINE float nl_times_sigmoid_at_h(float v, float u, float more) {
    return v * nl_short_logistic_f_of(nl_short_exp_at_f(-u, -more)).y;
}

INLINE float nl_logistic_pdf_h(float u) {
    const nl_short_logistic_f s = nl_short_logistic_f_of(nl_short_exp_f(-u));
    return s.e * s.y * s.y;
}

INLINE float nl_sech2_h(float u) { return 4.0f * nl_logistic_pdf_h(2.0f * u); }

INLINE float nl_short_line_f(nl_short_logistic_f s, float a, float b) { return NL_FMA_F(a + b, s.e, a) * s.y * s.y; }

INLINE float nl_sigmoid_line_h(float u, float a, float b) {
    return nl_short_line_f(nl_short_logistic_f_of(nl_short_exp_f(-u)), a, b);
}

INLINE float nl_sigmoid_line_of_h(float u, float more, float a, float b, float b_more) {
    (void)b_more;
    return nl_short_line_f(nl_short_logistic_f_of(nl_short_exp_at_f(-u, -more)), a, b);
}

/* The normal distribution function at -a is exp(-a^2/2) R(a); the rounding error of a^2 enters the exponent too. */
INLINE nl_lean_power_f nl_short_gauss_f(float u) {
    const float half = -0.5f * u, h = half * u;
    return nl_short_exp_at_f(h, NL_FMA_F(half, u, -h));
}

INLINE float nl_short_ratio_f(float a) {
    const float top = NL_P4_F(a, 0.359420687f, 0.259081095f, 0.0852819383f, 0.0121022034f);
    return top / NL_P5_F(a, 0.718841612f, 1.09170246f, 0.682294965f, 0.213614419f, 0.0303396825f);
}

INLINE float nl_times_normal_cdf_h(float v, float u) {
    const nl_lean_power_f e = nl_short_gauss_f(u);
    const float ratio = nl_short_ratio_f(__builtin_fabsf(u)), w = v * (u < 0.0f ? ratio : -ratio);
    return NL_FMA_F(NL_FMA_F(w, e.less, w), e.scale, u < 0.0f ? 0.0f : v);
}

INLINE float nl_normal_cdf_h(float u) { return nl_times_normal_cdf_h(1.0f, u); }

INLINE float nl_normal_cdf_line_h(float u, float a, float b) {
    const nl_lean_power_f e = nl_short_gauss_f(u);
    const float ratio = nl_short_ratio_f(__builtin_fabsf(u));
    const float w = NL_FMA_F(a, u < 0.0f ? ratio : -ratio, b * 0.3989422804f);
    return NL_FMA_F(NL_FMA_F(w, e.less, w), e.scale, u < 0.0f ? 0.0f : a);
}

INLINE float nl_normal_pdf_h(float u) {
    const nl_lean_power_f e = nl_short_gauss_f(u);
    return NL_FMA_F(e.less, 0.3989422804f, 0.3989422804f) * e.scale;
}

#define nl_exp_h nl_exp_f
#define nl_expm1_h nl_expm1_f
#define nl_log_h nl_log_f
#define nl_log1p_h nl_log1p_f
#define nl_sinh_h nl_sinh_f
#define nl_cosh_h nl_cosh_f
#define nl_asinh_h nl_asinh_f
#define nl_atan_h nl_atan_f
#define nl_erf_h nl_erf_f
#define nl_tanh_h nl_tanh_f /* float16 is compared bit by bit with torch's */
#define nl_softplus_h nl_softplus_f
#define nl_tanh_residual_h nl_tanh_residual_f
#define nl_relu_h nl_relu_f
#define nl_clip_h nl_clip_f
#define nl_leaky_h nl_leaky_f
#define nl_abs_h nl_abs_f
#define nl_sign_h nl_sign_f
#define nl_maximum_h nl_maximum_f
#define nl_minimum_h nl_minimum_f
#define nl_sqrt_h nl_sqrt_f
#define nl_pow_h nl_pow_f
