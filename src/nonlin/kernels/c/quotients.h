/* Quotients and differences that lose their digits at zero, in double; float results are these, rounded.

   Series are Taylor's. Their loops unroll: a loop inside keeps the loop over elements out of vector code (calu's value, 32,768 float64
   elements, one thread, Intel Xeon: 39 ns an element before, 12 after). */

#define NL_SERIES(x, c) nl_series_d(x, c, (int)(sizeof c / sizeof c[0]))

INLINE double nl_series_d(double x, const double *c, int n) {
    double total = c[n - 1];
#pragma GCC unroll 32
    for (int i = n - 2; i >= 0; i--) total = NL_FMA_D(total, x, c[i]);
    return total;
}

static const double nl_j1_series[] = {
    0.3333333333333333, -0.03333333333333333, 0.0011904761904761906, -2.2045855379188714e-05, 2.505210838544172e-07,
    -1.9270852604185937e-09, 1.0706029224547743e-11, -4.498331606952833e-14, 1.4797143443923793e-16,
    -3.9145882126782523e-19, 8.509974375387503e-22, -1.5472680682522736e-24, 2.387759364586842e-27,
};
static const double nl_j2_series[] = {
    0.06666666666666667, -0.004761904761904762, 0.00013227513227513228, -2.0041686708353374e-06,
    1.9270852604185938e-08, -1.284723506945729e-10, 6.297664249733966e-13, -2.367542951027807e-15,
    7.046258782820854e-18, -1.701994875077501e-20, 3.403989750155002e-23, -5.730622475008421e-26,
    8.233652981333938e-29, -1.0215450349049552e-31, 1.1055682195941073e-34,
};
static const double nl_exprel_slope_series[] = {
    0.5, 0.3333333333333333, 0.125, 0.03333333333333333, 0.006944444444444444, 0.0011904761904761906,
    0.00017361111111111112, 2.2045855379188714e-05, 2.48015873015873e-06, 2.505210838544172e-07,
    2.296443268665491e-08, 1.9270852604185937e-09, 1.4911969277048643e-10, 1.0706029224547743e-11,
    7.169215998581078e-13, 4.498331606952833e-14, 2.6552651846596585e-15, 1.4797143443923793e-16,
    7.809603484293113e-18, 3.9145882126782523e-19, 1.8683261924146203e-20, 8.509974375387505e-22,
    3.706996413521072e-23, 1.5472680682522736e-24, 6.198990658061994e-26,
};
static const double nl_exprel_curvature_series[] = {
    0.3333333333333333, 0.25, 0.1, 0.027777777777777776, 0.005952380952380952, 0.0010416666666666667,
    0.00015432098765432098, 1.984126984126984e-05, 2.2546897546897547e-06, 2.296443268665491e-07,
    2.1197937864604532e-08, 1.789436313245837e-09, 1.3917837991912066e-10, 1.0036902398013508e-11,
    6.74749741042925e-13, 4.2484242954554536e-14, 2.515514385467045e-15, 1.4057286271727604e-16,
    7.437717604088679e-18, 3.7366523848292405e-19, 1.787094618831376e-20, 8.1553921097463585e-22,
    3.5587165569802293e-23, 1.4877577579348785e-24, 5.969398411467106e-26, 2.3024822444230263e-27,
    8.550331942154474e-29, 3.061229954598515e-30, 1.0580287861515607e-31, 3.534363402014912e-33,
};
static const double nl_log1prel_slope_series[] = {
    0.6666666666666666, 0.8, 0.8571428571428571, 0.8888888888888888, 0.9090909090909091, 0.9230769230769231,
    0.9333333333333333, 0.9411764705882353, 0.9473684210526315, 0.9523809523809523, 0.9565217391304348, 0.96,
    0.9629629629629629, 0.9655172413793104, 0.967741935483871, 0.9696969696969697, 0.9714285714285714,
    0.972972972972973,
};
static const double nl_atan_residual_series[] = {
    0.3333333333333333, -0.2, 0.14285714285714285, -0.1111111111111111, 0.09090909090909091, -0.07692307692307693,
    0.06666666666666667, -0.058823529411764705, 0.05263157894736842, -0.047619047619047616, 0.043478260869565216,
    -0.04, 0.037037037037037035, -0.034482758620689655, 0.03225806451612903, -0.030303030303030304,
    0.02857142857142857, -0.02702702702702703, 0.02564102564102564, -0.024390243902439025, 0.023255813953488372,
    -0.022222222222222223, 0.02127659574468085, -0.02040816326530612, 0.0196078431372549, -0.018867924528301886,
    0.01818181818181818, -0.017543859649122806,
};

/* ---- spherical Bessel functions ---- */

/* 1/1 at 0, without a branch (see nl_signed_zero_d) */
INLINE double nl_sinc_d(double u) {
    const double zero = u == 0.0 ? 1.0 : 0.0;
    return (nl_sin_d(u) + zero) / (u + zero);
}

/* -sinc' */
INLINE double nl_spherical_j1_d(double u) {
    const double near = u * NL_SERIES(u * u, nl_j1_series), far = (nl_sin_d(u) / u - nl_cos_d(u)) / u;
    return __builtin_fabs(u) < 2.0 ? near : far;
}

INLINE double nl_spherical_j2_d(double u) {
    const double w = u * u, near = w * NL_SERIES(w, nl_j2_series), s = nl_sin_d(u) / u;
    return __builtin_fabs(u) < 3.0 ? near : 3.0 * ((s - nl_cos_d(u)) / u) / u - s;
}

/* ---- (exp(u) - 1)/u and its derivatives, the integrals of s^n exp(us) over s from 0 to 1 ---- */

INLINE double nl_exprel_d(double u) {
    const double h = nl_exp_d(0.5 * u), y = u > 700.0 ? h / u * h : nl_expm1_d(u) / u;
    return u == 0.0 ? 1.0 : y;
}

INLINE double nl_exprel_slope_d(double u) {
    const double h = nl_exp_d(0.5 * u), y = 1.0 / u, factor = 1.0 - y;
    const double far = u > 700.0 ? factor * y * h * h : (y + factor * nl_exp_d(u)) * y;
    return __builtin_fabs(u) < 2.0 ? NL_SERIES(u, nl_exprel_slope_series) : far;
}

INLINE double nl_exprel_curvature_d(double u) {
    const double h = nl_exp_d(0.5 * u), y = 1.0 / u, factor = (1.0 - 2.0 * y + 2.0 * y * y) * y;
    const double far = u > 700.0 ? factor * h * h : factor * nl_exp_d(u) - 2.0 * y * y * y;
    return ((u > -2.0) & (u < 3.0)) ? NL_SERIES(u, nl_exprel_curvature_series) : far;
}

/* ---- log(1 + u)/u and its derivative ---- */

INLINE double nl_log1prel_d(double u) {
    const double y = nl_log1p_d(u) / u;
    return u == 0.0 ? 1.0 : y;
}

/* With s = u/(2 + u) near 0: (1 - s)^2/2 (s B(s^2) - 1/(1 - s^2)). */
INLINE double nl_log1prel_slope_d(double u) {
    const double s = u / (2.0 + u), z = s * s, t = 1.0 - s;
    const double near = 0.5 * t * t * NL_FMA_D(s, NL_SERIES(z, nl_log1prel_slope_series), -1.0 / (1.0 - z));
    const double far = (1.0 / (1.0 + u) - nl_log1p_d(u) / u) / u;
    return ((u > -0.5) & (u < 1.0)) ? near : far;
}

/* ---- others ---- */

/* Below 1.25 by the half angle v: 2 (v - atan(v)) + 2 v^3/(1 - v^2). */
INLINE double nl_atan_residual_d(double u) {
    const double b = __builtin_fabs(u) < 1.25 ? u : 1.25, v = b / (1.0 + __builtin_sqrt(NL_FMA_D(b, b, 1.0))), w = v * v;
    const double near = 2.0 * (v * w) * (NL_SERIES(w, nl_atan_residual_series) + 1.0 / (1.0 - w));
    return __builtin_fabs(u) < 1.25 ? near : u - nl_atan_d(u);
}
