/* The primitives in float64, continued: the normal distribution, and the pieces. */

/* ---- the normal distribution ---- */

/* exp(-(a + more)^2/2): the rounding error of a^2 enters the exponent too. */
INLINE nl_decay_d nl_gauss_d(double a, double more) {
    const double b = a > 39.0 ? 39.0 : a, square = b * b; /* beyond 38.6 the density is 0 */
    return nl_decaying_exp_d(0.5 * square, NL_FMA_D(b, more, 0.5 * NL_FMA_D(b, b, -square)));
}

INLINE double nl_normal_pdf_d(double u) {
    const nl_decay_d d = nl_gauss_d(__builtin_fabs(u), 0.0);
    const nl_twice_d c = {0x1.9884533d43651p-2, -0x1.cbc0d30ebfd15p-56}, y = nl_two_product_d(d.e, c);
    return (y.high + y.low) * d.tail;
}

/* The normal distribution function at -a - more, a >= 0: exp(-a^2/2) P(q)/(a + 5), q = (a - 5)/(a + 5); times 1/tail.
   The last two steps of P are pairs: near a = 0, P'/P is -1.5, and far out its terms cancel. */
INLINE nl_decay_d nl_lower_tail_d(double a, double more) {
    const double b = a > 39.0 ? 39.0 : a;
    const nl_decay_d d = nl_gauss_d(a, more);
    const nl_twice_d sum = nl_two_sum_d(b, 5.0), difference = nl_fast_two_sum_d(-5.0, b), y = nl_reciprocal_d(sum);
    const double q = difference.high * y.high;
    const double rest = y.high * (NL_FMA_D(-q, sum.high, difference.high) + NL_FMA_D(-q, sum.low, difference.low));
    const double upper = NL_P7_D(q, 4.3288368262810925e-07, 4.088021431659264e-08, -6.601123771606485e-08,
        -8.294603307909466e-09, 7.942098670899309e-09, 1.4319088653439308e-09, -3.029006449038833e-10);
    const double p = NL_P15_D(q, 0.4953056159699773, -0.31353315667129616, 0.16502036617033738, -0.0691186387065702,
        0.02079506680083846, -0.0029933767667037793, -0.0007978694080182084, 0.0005448990333802542, -5.937567474417453e-05,
        -4.9762654871769025e-05, 1.668104106016977e-05, 3.98038459678008e-06, -2.7689521432866823e-06, -3.355369846375583e-07,
        upper);
    const nl_twice_d c0 = {0.769193049750063, -1.783575823238583e-17}, c1 = {-0.6653825028900567, -4.404208917142932e-17};
    const double slope = NL_FMA_D(q, p, c1.high), lost = NL_FMA_D(q, p, c1.high - slope) + c1.low;
    const double product = q * slope, derivative = NL_P4_D(q, -0.649, 0.983, -1.174, 0.787);
    nl_twice_d ratio = nl_fast_two_sum_d(c0.high, product);
    ratio.low += NL_FMA_D(rest, derivative, NL_FMA_D(q, slope, -product) + NL_FMA_D(q, lost, c0.low));
    const nl_decay_d r = {nl_two_product_d(d.e, nl_two_product_d(ratio, y)), d.tail};
    return r;
}

INLINE double nl_normal_cdf_d(double u) {
    const nl_decay_d lower = nl_lower_tail_d(__builtin_fabs(u), 0.0);
    const nl_twice_d upper = nl_fast_two_sum_d(1.0, -lower.e.high);
    const double above = upper.high + (upper.low - lower.e.low);
    return u < 0.0 ? (lower.e.high + lower.e.low) * lower.tail : above;
}

/* u times a polynomial in u^2 below 1; above, 1 - 2 lower tail at sqrt(2) a. */
INLINE double nl_erf_d(double u) {
    const double a = __builtin_fabs(u), w = a * a, b = a > 7.0 ? 7.0 : a, s = 1.4142135623730951 * b;
    const double lost = NL_FMA_D(1.4142135623730951, b, -s) - 0x1.bdd3413b26456p-54 * b;
    const nl_decay_d lower = nl_lower_tail_d(s, lost);
    const double p = NL_FMA_D(w, NL_P12_D(w, -0.3761263890318375, 0.11283791670954885, -0.026866170645077875,
        0.005223977624828431, -0.0008548326981425542, 0.0001205533113295582, -1.4925595772180904e-05, 1.6461008477802698e-06,
        -1.6350396222864598e-07, 1.4660328722742179e-08, -1.1374955736069996e-09, 5.960685338520943e-11), 1.533545961316588e-17);
    const nl_twice_d slope = nl_fast_two_sum_d(1.1283791670955126, p);
    const double far = 1.0 - 2.0 * lower.e.high;
    return __builtin_copysign(a < 1.0 ? NL_FMA_D(a, slope.high, a * slope.low) : far, u);
}

/* ---- pieces; each lets NaN through ---- */

INLINE double nl_relu_d(double u) { return u <= 0.0 ? 0.0 : u; }

/* In the operand order of the machine's max and min, which return the second one where either is NaN. */
INLINE double nl_clip_d(double u, double low, double high) {
    const double above = low > u ? low : u;
    return high < above ? high : above;
}

INLINE double nl_leaky_d(double u, double slope) { return u > 0.0 ? u : slope * u; }

INLINE double nl_abs_d(double u) { return __builtin_fabs(u); }

INLINE double nl_sign_d(double u) { return u > 0.0 ? 1.0 : (u < 0.0 ? -1.0 : u); }

INLINE double nl_maximum_d(double u, double v) { return ((u > v) | (u != u)) ? u : v; }

INLINE double nl_minimum_d(double u, double v) { return ((u < v) | (u != u)) ? u : v; }

INLINE double nl_sqrt_d(double u) { return __builtin_sqrt(u); }

INLINE double nl_pow_d(double u, double v) { return __builtin_pow(u, v); } /* libm: not a vector */
