/* Softmax, log-softmax and softmin of one row of float64, and their gradients.

   x - max is a pair, so that p stays within a few ULP however far the entries lie apart; what the others sum to is kept apart
   from the largest entry, as in float. */

/* exp(x - top): entries of +inf share alike, a row of -inf alone is NaN. */
INLINE double nl_row_exp_d(double v, double top) {
    const nl_twice_d u = nl_two_sum_d(v, -top);
    const double high = v == NL_INFINITY_D ? 0.0 : u.high, low = __builtin_fabs(u.high) < 746.0 ? u.low : 0.0;
    const double e = nl_exp_d(high);
    return NL_FMA_D(e, low, e);
}

/* What is summed, in blocks, of p and g at i; the sum of the blocks keeps what rounding takes. */
#define NL_ROW_SUM_D(name, type, term)                                                                      \
    INLINE double name(const double *p, const double *g, int64_t n, type with, const int negative) {        \
        nl_twice_d sum = {0, 0};                                                                            \
        (void)with, (void)negative, (void)g;                                                                \
        for (int64_t at = 0; at < n; at += SUM_BLOCK) {                                                     \
            const int64_t end = n - at < SUM_BLOCK ? n : at + SUM_BLOCK;                                    \
            double part = 0;                                                                                \
            _Pragma("omp simd reduction(+ : part)") for (int64_t i = at; i < end; i++) part += term;        \
            const nl_twice_d next = nl_two_sum_d(sum.high, part);                                           \
            sum.high = next.high;                                                                           \
            sum.low += next.low;                                                                            \
        }                                                                                                   \
        return sum.high + (__builtin_fabs(sum.high) < NL_INFINITY_D ? sum.low : 0.0);                       \
    }
NL_ROW_SUM_D(nl_row_exps_d, double, ((negative ? -p[i] : p[i]) == with ? 0.0 : nl_row_exp_d(negative ? -p[i] : p[i], with)))
NL_ROW_SUM_D(nl_row_ties_d, double, ((negative ? -p[i] : p[i]) == with ? 1.0 : 0.0))
NL_ROW_SUM_D(nl_row_grads_d, int64_t, (i == with ? 0.0 : g[i]))
NL_ROW_SUM_D(nl_row_shares_d, int64_t, (i == with ? 0.0 : p[i]))
NL_ROW_SUM_D(nl_row_weighted_d, int64_t, (i == with ? 0.0 : p[i] * g[i]))

/* Where a value first stands, n where it does not. */
INLINE int64_t nl_row_find_d(const double *x, int64_t n, double value) {
    int64_t i = 0;
    while (i < n && x[i] != value) i++;
    return i;
}

INLINE void nl_softmax_any_d(double *y, const double *x, int64_t n, const int negative) {
    const double top = nl_top_d(x, n, negative);
    const double others = nl_row_exps_d(x, 0, n, top, negative), ties = nl_row_ties_d(x, 0, n, top, negative);
    const nl_twice_d total = nl_two_sum_d(ties > 0 ? ties : __builtin_nan(""), others), inverse = nl_reciprocal_d(total);
#pragma omp simd
    for (int64_t i = 0; i < n; i++) {
        const double e = nl_row_exp_d(negative ? -x[i] : x[i], top);
        y[i] = NL_FMA_D(e, inverse.low, e * inverse.high);
    }
}

NL_ROW nl_softmax_row_d(double *y, const double *x, int64_t n, NL_UNUSED) {
    nl_softmax_any_d(y, x, n, 0);
}
NL_ROW nl_softmin_row_d(double *y, const double *x, int64_t n, NL_UNUSED) {
    nl_softmax_any_d(y, x, n, 1);
}

NL_ROW nl_log_softmax_row_d(double *y, const double *x, int64_t n, NL_UNUSED) {
    const double top = nl_top_d(x, n, 0), ties = nl_row_ties_d(x, 0, n, top, 0);
    const double less = nl_log1p_d((ties > 0 ? ties - 1.0 : __builtin_nan("")) + nl_row_exps_d(x, 0, n, top, 0));
#pragma omp simd
    for (int64_t i = 0; i < n; i++) y[i] = (x[i] == NL_INFINITY_D ? 0.0 : x[i] - top) - less;
}

/* From the output, as in float. */
INLINE void nl_softmax_any_back_d(double *y, const double *p, const double *g, int64_t n, const int negative) {
    const double top = nl_top_d(p, n, 0), sign = negative ? -1.0 : 1.0;
    const int64_t first = top > 0.5 ? nl_row_find_d(p, n, top) : n;
    const double weighted = nl_row_weighted_d(p, g, n, first, 0);
    const double at_top = first < n ? top * (g[first] * nl_row_shares_d(p, 0, n, first, 0) - weighted) : 0.0;
    const double mean = weighted + (first < n ? top * g[first] : 0.0);
#pragma omp simd
    for (int64_t i = 0; i < n; i++) y[i] = sign * p[i] * (g[i] - mean);
    if (first < n) y[first] = sign * at_top;
}

NL_ROW nl_softmax_back_d(double *y, const double *x, const double *g, int64_t n, NL_UNUSED) {
    nl_softmax_any_back_d(y, x, g, n, 0);
}
NL_ROW nl_softmin_back_d(double *y, const double *x, const double *g, int64_t n, NL_UNUSED) {
    nl_softmax_any_back_d(y, x, g, n, 1);
}

/* From the input, as in float. */
NL_ROW nl_log_softmax_back_d(double *y, const double *x, const double *g, int64_t n, NL_UNUSED) {
    const double top = nl_top_d(x, n, 0), ties = nl_row_ties_d(x, 0, n, top, 0), others = nl_row_exps_d(x, 0, n, top, 0);
    const double total = (ties > 0 ? ties : __builtin_nan("")) + others;
    const int64_t first = others < 1.0 && ties == 1.0 ? nl_row_find_d(x, n, top) : n;
    const double rest = nl_row_grads_d(0, g, n, first, 0), factor = (rest + (first < n ? g[first] : 0.0)) / total;
    const double at_top = first < n ? (g[first] * others - rest) / total : 0.0;
#pragma omp simd
    for (int64_t i = 0; i < n; i++) y[i] = g[i] - nl_row_exp_d(x[i], top) * factor;
    if (first < n) y[first] = at_top;
}
