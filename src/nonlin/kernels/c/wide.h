/* The primitives in double arithmetic for float32, bfloat16 and float16 results: relative errors of at most 2^-44, so that
   one rounding to float remains. Branch-free. What gains no speed here is float64.h's.

   exp(-|u|) is spelled alike in the whole logistic family: the compiler computes it once where a formula uses several. */

/* exp(-a) for a > -709.4, and 0 from 708 on, where the lane computes nonsense that is dropped.

   One FMA reduces: what ln2's double lacks is n 2^-56, below the bar. exp(-r) is a polynomial of degree 9 with its coefficients
   adapted (Knuth, Seminumerical Algorithms, 4.6.4) in y = 3.0625 - r: 6 products instead of 9, and the adders are free; the
   shift makes the adapted coefficients real, and exp(0) is 1 exactly. The exponent is added as an integer. A NaN remains one:
   its last 12 bits are 0 if it came from a float or from arithmetic. */
INLINE double nl_decay_w(double a) {
    const double magic = 0x1.8p52, t = NL_FMA_D(a, -0x1.71547652b82fep+0, magic);
    const double r = NL_FMA_D(t - magic, 0x1.62e42fefa39efp-1, a), y = 3.0625 - r, w = y * y;
    const double p4 = NL_FMA_D(2.7476718362016755e-06, y, -5.0850699362508094e-05);
    const double p3 = NL_FMA_D(p4, w + 161.0578916407854, 0.006599592741449308);
    const double p2 = NL_FMA_D(p3, w + 2.4085929761427196, 0.02026654379761035);
    const double p1 = NL_FMA_D(p2, w + 4.397996438095491, -0.29660592694888355);
    const double p = NL_FMA_D(p1, w + 20.124682776156757, 4.546358195639876);
    return a > 708.0 ? 0.0 : nl_from_bits_d(nl_bits_d(p) + (nl_bits_d(t) << 52));
}

INLINE double nl_exp_minus_w(double a) { return nl_decay_w(a); }

INLINE double nl_exp_w(double u) {
    const double y = nl_decay_w(-u);
    return u > 709.4 ? NL_INFINITY_D : y;
}

/* exp(u) - 1 for u in [-709, 709.4] */
INLINE double nl_bounded_expm1_w(double u) {
    const double magic = 0x1.8p52 + 1023.0, t = NL_FMA_D(u, 0x1.71547652b82fep+0, magic);
    const double r = NL_FMA_D(t - magic, -0x1.62e42fefa39efp-1, u), scale = nl_from_bits_d(nl_bits_d(t) << 52);
    const double p = r * NL_P10_D(r, 1.0, 0.4999999999999955, 0.1666666666661592, 0.041666666667132715, 0.008333333367201634,
        0.001388888876471707, 0.00019841190789515885, 2.4801690617420777e-05, 2.763258346130238e-06, 2.75574278120204e-07);
    return NL_FMA_D(scale, p, scale - 1.0);
}

INLINE double nl_expm1_w(double u) {
    const double below = u < -100.0 ? -100.0 : u, y = nl_bounded_expm1_w(below > 709.4 ? 709.4 : below);
    return u > 709.4 ? NL_INFINITY_D : y;
}

INLINE double nl_sigmoid_w(double u) {
    const double e = nl_decay_w(__builtin_fabs(u)), y = 1.0 / (1.0 + e);
    return u < 0.0 ? e * y : y;
}

INLINE double nl_logistic_pdf_w(double u) {
    const double e = nl_decay_w(__builtin_fabs(u)), y = 1.0 / (1.0 + e);
    return e * y * y;
}

INLINE double nl_sech2_w(double u) {
    const double e = nl_decay_w(2.0 * __builtin_fabs(u)), y = 1.0 / (1.0 + e);
    return 4.0 * e * y * y;
}

/* max(u, 0) + log(1 + e), log(1 + e) = 2 atanh(s), s = e/(2 + e) <= 1/3; 2^-900 keeps s^2 from being subnormal. */
INLINE double nl_softplus_w(double u) {
    const double e = nl_decay_w(__builtin_fabs(u)), s = e / (2.0 + e), z = NL_FMA_D(s, s, 0x1p-900);
    const double p = NL_P9_D(z, 2.0, 0.6666666666647516, 0.40000000073937325, 0.28571420169237155, 0.22222653506288653,
        0.18170047623582436, 0.15566430398967399, 0.11752867887260478, 0.18771180538133933);
    return NL_FMA_D(s, p, u > 0.0 ? u : 0.0);
}

/* E/(2 + E), E = exp(-2|u|) - 1: -tanh|u| */
INLINE double nl_minus_tanh_w(double a) {
    const double e = nl_bounded_expm1_w(-2.0 * (a > 30.0 ? 30.0 : a));
    return e / (2.0 + e);
}

INLINE double nl_tanh_w(double u) { return __builtin_copysign(nl_minus_tanh_w(__builtin_fabs(u)), u); }

INLINE double nl_tanh_residual_w(double u) {
    const double a = __builtin_fabs(u), w = u * u;
    const double p = NL_P9_D(w, 0.33333333333333154, -0.1333333333321555, 0.053968253842205896, -0.02186948332783476,
        0.00886312731939842, -0.003590858062328509, 0.001446996492046107, -0.0005535171063818874, 0.00015408173663902127);
    return a < 0.5 ? u * w * p : __builtin_copysign(a + nl_minus_tanh_w(a), u);
}

INLINE double nl_sinh_w(double u) {
    const double a = __builtin_fabs(u), e = nl_bounded_expm1_w(a > 709.4 ? 709.4 : a), y = 0.5 * (e + e / (1.0 + e));
    return __builtin_copysign(a > 709.4 ? NL_INFINITY_D : y, u);
}

INLINE double nl_cosh_w(double u) {
    const double a = __builtin_fabs(u), e = nl_decay_w(a);
    return a > 709.0 ? NL_INFINITY_D : 0.5 * (e + 1.0 / e);
}

/* ---- the normal distribution; exp(-37.66^2/2) is 0 here, and so is every float32 result from 14.2 on ---- */

INLINE double nl_normal_pdf_w(double u) {
    const double a = __builtin_fabs(u);
    return 0.3989422804014327 * nl_decay_w(0.5 * (a * a));
}

/* At -a: exp(-a^2/2) times a quotient fitted on [0, 16], whose limit beyond is right too. */
INLINE double nl_lower_tail_w(double a) {
    const double b = a > 37.66 ? 37.66 : a;
    const double top = NL_P8_D(b, 0.5, 0.6345079950198373, 0.3976693144195735, 0.1539405440214895,
        0.03929296586751022, 0.0065972501367954, 0.00067812799975171, 3.342057472308985e-05);
    const double bottom = NL_P9_D(b, 1.0, 2.0669005508397453, 1.9444866671386145, 1.091868222617123, 0.40224341156573806,
        0.10019255144163396, 0.016620631043106977, 0.001699814722967965, 8.377295850809903e-05);
    return nl_decay_w(0.5 * (a * a)) * top / bottom;
}

INLINE double nl_normal_cdf_w(double u) {
    const double lower = nl_lower_tail_w(__builtin_fabs(u));
    return u < 0.0 ? lower : 1.0 - lower;
}

INLINE double nl_erf_w(double u) {
    const double a = __builtin_fabs(u), w = u * u;
    const double near = u * NL_P10_D(w, 1.1283791670954946, -0.37612638902820844, 0.11283791658873862, -0.02686616908389301,
        0.005223967364392109, -0.0008547938662969202, 0.0001204634473726487, -1.4795855767565963e-05, 1.531076449997139e-06,
        -1.0478858511964318e-07);
    return a < 1.0 ? near : __builtin_copysign(1.0 - 2.0 * nl_lower_tail_w(1.4142135623730951 * a), u);
}

/* ---- logarithms ---- */

/* k ln2 + log(1 + f), 1 + f in [sqrt(1/2), sqrt(2)] */
INLINE double nl_whole_log_w(double k, double f) {
    const double s = f / (2.0 + f), z = s * s;
    const double p = NL_P6_D(z, 2.0, 0.6666666667386142, 0.39999995853354653, 0.2857211507019359, 0.22175054196040975,
        0.19609646950751625);
    return NL_FMA_D(k, 0x1.62e42fefa39efp-1, s * p);
}

INLINE double nl_log_w(double u) {
    const nl_split_d p = nl_split_exponent_d(u);
    const double y = nl_whole_log_w(p.k, p.m - 1.0);
    const double outside = u == 0.0 ? -NL_INFINITY_D : (u < 0.0 ? __builtin_nan("") : u); /* infinity and NaN remain */
    return ((u > 0.0) & (u < NL_INFINITY_D)) ? y : outside;
}

INLINE double nl_log1p_w(double u) {
    const nl_twice_d sum = nl_two_sum_d(1.0, u);
    const nl_split_d p = nl_split_exponent_d(sum.high);
    const double y = nl_whole_log_w(p.k, NL_FMA_D(sum.low, p.back, p.m - 1.0));
    const double outside = u == -1.0 ? -NL_INFINITY_D : (u < -1.0 ? __builtin_nan("") : u);
    return ((u > -1.0) & (u < NL_INFINITY_D)) ? y : outside;
}

/* log(1 + z), z = a + a^2/(1 + sqrt(1 + a^2)); log(2a) from 2^100 on */
INLINE double nl_asinh_w(double u) {
    const double a = __builtin_fabs(u), b = a > 0x1p100 ? 1.0 : a, w = b * b, z = b + w / (1.0 + __builtin_sqrt(1.0 + w));
    const double y = nl_log1p_w(a > 0x1p100 ? a : z);
    return __builtin_copysign(a > 0x1p100 ? y + 0x1.62e42fefa39efp-1 : y, u);
}

INLINE double nl_atan_w(double u) {
    const double a = __builtin_fabs(u);
    const int middle = a > 0.41421356, far = a > 2.4142135;
    const double top = far ? -1.0 : (middle ? a - 1.0 : a), bottom = far ? a : (middle ? a + 1.0 : 1.0);
    const double base = far ? 0x1.921fb54442d18p+0 : (middle ? 0x1.921fb54442d18p-1 : 0.0), t = top / bottom, w = t * t;
    const double p = NL_P9_D(w, 1.0, -0.3333333333233205, 0.19999999748205868, -0.1428569549497331, 0.11110471289639481,
        -0.09079157443364975, 0.07567198287769754, -0.058816066754344795, 0.030697612607749346);
    return __builtin_copysign(NL_FMA_D(t, p, base), u);
}

/* exp(v log|u|), the logarithm to all digits: v log u up to 100 costs 7 bits of the result. */
INLINE double nl_pow_w(double u, double v) {
    const double power = nl_exp_w(v * nl_log_d(__builtin_fabs(u))), half = 0.5 * v;
    const int whole = __builtin_floor(v) == v, odd = whole & (__builtin_floor(half) != half);
    double y = ((u < 0.0) & odd) ? -power : power;
    y = ((u < 0.0) & !whole) ? __builtin_nan("") : y;
    y = ((v == 0.0) | (u == 1.0)) ? 1.0 : y;
    return y;
}

#define nl_relu_w nl_relu_d
#define nl_clip_w nl_clip_d
#define nl_leaky_w nl_leaky_d
#define nl_abs_w nl_abs_d
#define nl_sign_w nl_sign_d
#define nl_maximum_w nl_maximum_d
#define nl_minimum_w nl_minimum_d
#define nl_sqrt_w nl_sqrt_d
