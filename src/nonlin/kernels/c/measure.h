/* The paths side by side, for the measurement that sets the float path's intervals: once, after compiling.
   order 0: f, 1: f'. */

#define NL_MEASURE(name, path)                                                                                     \
    EXPORT void name(float *y, const float *x, int64_t n, int64_t order, const double *settings) {              \
        NL_PARAMETERS(settings + 2)                                                                             \
        if (order == 0) {                                                                                       \
            _Pragma("omp simd") for (int64_t i = 0; i < n; i++) y[i] = nl_formula_##path(x[i] NL_FLOATS);          \
        } else {                                                                                                \
            _Pragma("omp simd") for (int64_t i = 0; i < n; i++) y[i] = nl_formula_x_##path(x[i] NL_FLOATS);        \
        }                                                                                                       \
    }
NL_MEASURE(nl_measure_float, f)
NL_MEASURE(nl_measure_short, h)

EXPORT void nl_measure_wide(double *y, const float *x, int64_t n, int64_t order, const double *settings) {
    NL_PARAMETERS(settings + 2)
    if (order == 0) {
#pragma omp simd
        for (int64_t i = 0; i < n; i++) y[i] = nl_formula_w(x[i] NL_DOUBLES);
    } else {
#pragma omp simd
        for (int64_t i = 0; i < n; i++) y[i] = nl_formula_x_w(x[i] NL_DOUBLES);
    }
}
