/* Loops over float64: y = f(x), and gradient = grad * f'(x). */

typedef struct {
    double *out;
    const double *x, *grad;
    int64_t step; /* 0: one gradient for all elements */
    const double *p;
} nl_job;

static void nl_values(int64_t begin, int64_t end, void *given) {
    const nl_job *job = given;
    double *y = job->out;
    const double *x = job->x;
    NL_PARAMETERS(job->p)
#pragma omp simd
    for (int64_t i = begin; i < end; i++) y[i] = nl_formula_d(x[i] NL_DOUBLES);
}

static void nl_slopes(int64_t begin, int64_t end, void *given) {
    const nl_job *job = given;
    double *y = job->out;
    const double *x = job->x, *g = job->grad;
    const double same = *g;
    NL_PARAMETERS(job->p)
    if (job->step) {
#pragma omp simd
        for (int64_t i = begin; i < end; i++) y[i] = g[i] * nl_formula_x_d(x[i] NL_DOUBLES);
    } else {
#pragma omp simd
        for (int64_t i = begin; i < end; i++) y[i] = same * nl_formula_x_d(x[i] NL_DOUBLES);
    }
}

EXPORT int32_t value_f64(void *out, const void *x, int64_t n, const double *settings) {
    nl_job job = {out, x, 0, 0, settings + 2};
    return nl_run(n, GRAIN, nl_values, &job);
}

EXPORT int32_t slope_f64(void *out, const void *x, const void *grad, int64_t step, int64_t n, const double *settings) {
    nl_job job = {out, x, grad, step, settings + 2};
    return nl_run(n, GRAIN, nl_slopes, &job);
}
