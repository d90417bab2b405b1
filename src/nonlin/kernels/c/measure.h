/* The two paths side by side, for the measurement that sets the float path's interval: once, after compiling.
   order 0: f, 1: f'. */

EXPORT void nl_measure_float(float *y, const float *x, int64_t n, int64_t order, const double *settings) {
    NL_PARAMETERS(settings + 2)
    if (order == 0) {
#pragma omp simd
        for (int64_t i = 0; i < n; i++) y[i] = nl_formula_f(x[i] NL_FLOATS);
    } else {
#pragma omp simd
        for (int64_t i = 0; i < n; i++) y[i] = nl_formula_x_f(x[i] NL_FLOATS);
    }
}

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
