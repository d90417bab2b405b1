/* Loops over float32, bfloat16 and float16: y = f(x), and gradient = grad * f'(x).

   Each element takes the float path where low <= x <= high (an interval in which it was measured to be accurate enough),
   and the double path elsewhere: which one depends on x alone, so that equal x give equal bits at every place. A block
   without any x outside, the usual case, never runs the double path. low > high: always the double path; (-inf, inf):
   never, for NaN neither. Where the interval is all finite numbers, what lies outside gives NaN in the float path: then the
   results are looked at instead of x, in the same pass. */

typedef struct {
    void *out;
    const void *x, *grad;
    int64_t step; /* 0: one gradient for all elements */
    float low, high;
    const double *p;
} nl_job;

INLINE int nl_all_finite(float low, float high) { return low == -__FLT_MAX__ && high == __FLT_MAX__; }

static void nl_values(float *y, const float *x, int m, const nl_job *job) {
    NL_PARAMETERS(job->p)
    const float low = job->low, high = job->high;
    int outside;
    if (nl_all_finite(low, high) && y != x) {
        outside = 0;
#pragma omp simd reduction(+ : outside)
        for (int i = 0; i < m; i++) {
            const float value = nl_formula_f(x[i] NL_FLOATS);
            y[i] = value;
            outside += value != value;
        }
        if (outside == 0) return;
    }
    outside = nl_outside(x, m, low, high);
    if (outside == 0) {
#pragma omp simd
        for (int i = 0; i < m; i++) y[i] = nl_formula_f(x[i] NL_FLOATS);
    } else if (outside == m) {
#pragma omp simd
        for (int i = 0; i < m; i++) y[i] = (float)nl_formula_w(x[i] NL_DOUBLES);
    } else if (m > PART) {
        for (int at = 0; at < m; at += PART) nl_values(y + at, x + at, m - at < PART ? m - at : PART, job);
    } else {
#pragma omp simd
        for (int i = 0; i < m; i++) {
            const float u = x[i], a = nl_formula_f(u NL_FLOATS), b = (float)nl_formula_w(u NL_DOUBLES);
            y[i] = ((u >= low) & (u <= high)) ? a : b;
        }
    }
}

static void nl_slopes(float *y, const float *x, const float *g, int m, const nl_job *job) {
    NL_PARAMETERS(job->p)
    const float low = job->low, high = job->high;
    int outside;
    if (nl_all_finite(low, high) && y != x && y != g) {
        outside = 0;
#pragma omp simd reduction(+ : outside)
        for (int i = 0; i < m; i++) {
            const float slope = nl_formula_x_f(x[i] NL_FLOATS);
            y[i] = g[i] * slope;
            outside += slope != slope;
        }
        if (outside == 0) return;
    }
    outside = nl_outside(x, m, low, high);
    if (outside == 0) {
#pragma omp simd
        for (int i = 0; i < m; i++) y[i] = g[i] * nl_formula_x_f(x[i] NL_FLOATS);
    } else if (outside == m) {
#pragma omp simd
        for (int i = 0; i < m; i++) y[i] = (float)(g[i] * nl_formula_x_w(x[i] NL_DOUBLES));
    } else if (m > PART) {
        for (int at = 0; at < m; at += PART) nl_slopes(y + at, x + at, g + at, m - at < PART ? m - at : PART, job);
    } else {
#pragma omp simd
        for (int i = 0; i < m; i++) {
            const float u = x[i], a = g[i] * nl_formula_x_f(u NL_FLOATS), b = (float)(g[i] * nl_formula_x_w(u NL_DOUBLES));
            y[i] = ((u >= low) & (u <= high)) ? a : b;
        }
    }
}

/* Where the float path serves every x there is nothing to look for block by block. */
INLINE int nl_everywhere(const nl_job *job) { return job->low == -__builtin_inff() && job->high == __builtin_inff(); }

static void nl_values_f32(int64_t begin, int64_t end, void *given) {
    const nl_job *job = given;
    if (nl_everywhere(job)) {
        float *y = job->out;
        const float *x = job->x;
        NL_PARAMETERS(job->p)
#pragma omp simd
        for (int64_t i = begin; i < end; i++) y[i] = nl_formula_f(x[i] NL_FLOATS);
        return;
    }
    for (int64_t at = begin; at < end; at += BLOCK) {
        const int m = end - at < BLOCK ? (int)(end - at) : BLOCK;
        nl_values((float *)job->out + at, (const float *)job->x + at, m, job);
    }
}

static void nl_slopes_f32(int64_t begin, int64_t end, void *given) {
    const nl_job *job = given;
    if (job->step && nl_everywhere(job)) {
        float *y = job->out;
        const float *x = job->x, *g = job->grad;
        NL_PARAMETERS(job->p)
#pragma omp simd
        for (int64_t i = begin; i < end; i++) y[i] = g[i] * nl_formula_x_f(x[i] NL_FLOATS);
        return;
    }
    float same[BLOCK];
    if (job->step == 0)
        for (int i = 0; i < BLOCK; i++) same[i] = *(const float *)job->grad;
    for (int64_t at = begin; at < end; at += BLOCK) {
        const int m = end - at < BLOCK ? (int)(end - at) : BLOCK;
        const float *g = job->step ? (const float *)job->grad + at : same;
        nl_slopes((float *)job->out + at, (const float *)job->x + at, g, m, job);
    }
}

/* 16 bit: a block becomes float32, and is rounded once. */
#define NL_SIXTEEN(dtype)                                                                            \
    static void nl_values_##dtype(int64_t begin, int64_t end, void *given) {                         \
        const nl_job *job = given;                                                                   \
        float x[BLOCK];                                                                              \
        for (int64_t at = begin; at < end; at += BLOCK) {                                            \
            const int m = end - at < BLOCK ? (int)(end - at) : BLOCK;                                \
            nl_load_block_##dtype(x, (const uint16_t *)job->x + at, m);                              \
            nl_values(x, x, m, job);                                                                 \
            nl_store_block_##dtype((uint16_t *)job->out + at, x, m);                                 \
        }                                                                                            \
    }                                                                                                \
    static void nl_slopes_##dtype(int64_t begin, int64_t end, void *given) {                         \
        const nl_job *job = given;                                                                   \
        float x[BLOCK], g[BLOCK];                                                                    \
        if (job->step == 0)                                                                          \
            for (int i = 0; i < BLOCK; i++) g[i] = nl_load_##dtype(*(const uint16_t *)job->grad);    \
        for (int64_t at = begin; at < end; at += BLOCK) {                                            \
            const int m = end - at < BLOCK ? (int)(end - at) : BLOCK;                                \
            nl_load_block_##dtype(x, (const uint16_t *)job->x + at, m);                              \
            if (job->step) nl_load_block_##dtype(g, (const uint16_t *)job->grad + at, m);            \
            nl_slopes(x, x, g, m, job);                                                              \
            nl_store_block_##dtype((uint16_t *)job->out + at, x, m);                                 \
        }                                                                                            \
    }
NL_SIXTEEN(bf16)
NL_SIXTEEN(f16)

#define NL_ENTRY(dtype)                                                                                              \
    EXPORT int32_t value_##dtype(void *out, const void *x, int64_t n, const double *settings) {              \
        nl_job job = {out, x, 0, 0, NL_SPAN(settings), settings + 2};                                                                   \
        return nl_run(n, GRAIN, nl_values_##dtype, &job);                                                            \
    }                                                                                                                \
    EXPORT int32_t slope_##dtype(void *out, const void *x, const void *grad, int64_t step, int64_t n, const double *settings) {                                                              \
        nl_job job = {out, x, grad, step, NL_SPAN(settings), settings + 2};                                                             \
        return nl_run(n, GRAIN, nl_slopes_##dtype, &job);                                                            \
    }
NL_ENTRY(f32)
NL_ENTRY(bf16)
NL_ENTRY(f16)
