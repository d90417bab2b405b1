/* The primitives in float32, continued: the normal distribution, and the pieces. */

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

/* The normal distribution function at -a is exp(-a (a/2 + P(a - 4.5)))/2, P smooth and below 0.8: one exponential and no
   division, at 1.5 ULP for a up to 7. The sum in brackets and its product with a are pairs; the polynomial in
   two halves shortens the chain of operations that wait for one another. */
INLINE nl_lean_power_f nl_lean_tail_f(float a) {
    const float z = a - 4.5f, w = z * z;
    const float even = NL_P6_F(w, 0.00506820995f, 7.28644882e-05f, 8.53955726e-07f, 4.97258146e-09f, -4.12636279e-11f,
        -5.21339525e-12f);
    const float odd = NL_P6_F(w, -0.0006153172f, -8.21387584e-06f, -7.5856164e-08f, -2.04102069e-10f, 2.66532178e-11f,
        3.43962434e-13f);
    const float slope = NL_FMA_F(z, NL_FMA_F(z, odd, even), -0.0422139913f), p = NL_FMA_F(z, slope, 0.394282788f);
    const float lost = a - (z + 4.5f), p_low = NL_FMA_F(lost, -0.14f, NL_FMA_F(z, slope, 0.394282788f - p)); /* near 0 */
    const nl_twice_f k = nl_two_sum_f(0.5f * a, p);
    const float h = -a * k.high;
    return nl_lean_exp_shifted_f(h, NL_FMA_F(-a, k.low + p_low, NL_FMA_F(-a, k.high, -h)), 1.0f);
}

/* v normal_cdf(u): v tail below 0, v - v tail above. */
INLINE float nl_times_normal_cdf_f(float v, float u) {
    const nl_lean_power_f e = nl_lean_tail_f(__builtin_fabsf(u));
    const float w = u < 0.0f ? v : -v;
    return NL_FMA_F(NL_FMA_F(w, e.less, w), e.scale, u < 0.0f ? 0.0f : v);
}

INLINE float nl_normal_cdf_f(float u) { return nl_times_normal_cdf_f(1.0f, u); }

/* a normal_cdf(u) + b normal_pdf(u), the density as the tail times the hazard H(|u|): tail (a + b H) below 0,
   a + tail (b H - a) above. H serves a derivative of P(u) normal_cdf(u): its error grows as its weight falls. Everything
   that enters the sum in brackets is a pair, for it cancels near the zero of gelu's derivative: 1.99 ULP at most, at every
   float32 down to -9. */
INLINE float nl_normal_cdf_line_f(float u, float a, float b) {
    const float x = __builtin_fabsf(u), z = x - 1.0f, w = z * z;
    const nl_lean_power_f e = nl_lean_tail_f(x);
    const float even = NL_P6_F(w, 0.0584657751f, 0.00203147042f, -7.62712589e-05f, -6.10399684e-06f, -7.15461326e-08f,
        -7.83277818e-11f);
    const float odd = NL_P5_F(w, -0.0131955827f, -7.12063484e-05f, 2.90773605e-05f, 8.28053828e-07f, 3.57285468e-09f);
    const float slope = NL_FMA_F(z, NL_FMA_F(z, odd, even), -0.199097708f), rest = NL_FMA_F(z, slope, 0.525135279f);
    const float rest_low = NL_FMA_F(z, slope, 0.525135279f - rest), sign = u < 0.0f ? a : -a, product = b * x;
    const nl_twice_f most = nl_two_sum_f(product, sign);
    const float sum = NL_FMA_F(b, rest, most.high), lost = NL_FMA_F(b, x, -product) + most.low;
    const float sum_low = NL_FMA_F(b, rest_low, NL_FMA_F(b, rest, most.high - sum) + lost);
    return NL_FMA_F(NL_FMA_F(sum, e.less, sum_low) + sum, e.scale, u < 0.0f ? 0.0f : a);
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

/* In the operand order of the machine's max and min, which return the second one where either is NaN. */
INLINE float nl_clip_f(float u, float low, float high) {
    const float above = low > u ? low : u;
    return high < above ? high : above;
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
