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
