/* Loops over float32, bfloat16 and float16: y = f(x), and gradient = grad * f'(x).

   Each element takes the float path where low <= x <= high (an interval in which it was measured to be accurate enough),
   and the double path elsewhere: which one depends on x alone, so that equal x give equal bits at every place. low > high:
   always the double path; (-inf, inf): never, for NaN neither. A block is first computed as if all of it lay inside, noting
   the largest |x|; where that is too large, it is computed again, each element as is its due. */

typedef struct {
    void *out;
    const void *x, *grad;
    int64_t step; /* 0: one gradient for all elements */
    float low, high;
    const double *p;
} nl_job;

#define NL_BY_ELEMENT(path)                                                                                               \
    static void nl_values_##path(float *y, const float *x, int m, const nl_job *job) {                                    \
        NL_PARAMETERS(job->p)                                                                                          \
        const float low = job->low, high = job->high;                                                                  \
        const int outside = nl_outside(x, m, low, high);                                                               \
        if (outside == 0) {                                                                                            \
            _Pragma("omp simd") for (int i = 0; i < m; i++) y[i] = nl_formula_##path(x[i] NL_FLOATS);                     \
        } else if (outside == m) {                                                                                     \
            _Pragma("omp simd") for (int i = 0; i < m; i++) y[i] = (float)nl_formula_w(x[i] NL_DOUBLES);               \
        } else if (m > PART) {                                                                                         \
            for (int at = 0; at < m; at += PART) nl_values_##path(y + at, x + at, m - at < PART ? m - at : PART, job);    \
        } else {                                                                                                       \
            _Pragma("omp simd") for (int i = 0; i < m; i++) {                                                          \
                const float u = x[i], a = nl_formula_##path(u NL_FLOATS), b = (float)nl_formula_w(u NL_DOUBLES);          \
                y[i] = ((u >= low) & (u <= high)) ? a : b;                                                             \
            }                                                                                                          \
        }                                                                                                              \
    }                                                                                                                  \
    static void nl_slopes_##path(float *y, const float *x, const float *g, int m, const nl_job *job) {                    \
        NL_PARAMETERS(job->p)                                                                                          \
        const float low = job->low, high = job->high;                                                                  \
        const int outside = nl_outside(x, m, low, high);                                                               \
        if (outside == 0) {                                                                                            \
            _Pragma("omp simd") for (int i = 0; i < m; i++) y[i] = g[i] * nl_formula_x_##path(x[i] NL_FLOATS);            \
        } else if (outside == m) {                                                                                     \
            _Pragma("omp simd") for (int i = 0; i < m; i++) y[i] = (float)(g[i] * nl_formula_x_w(x[i] NL_DOUBLES));    \
        } else if (m > PART) {                                                                                         \
            for (int at = 0; at < m; at += PART) {                                                                     \
                nl_slopes_##path(y + at, x + at, g + at, m - at < PART ? m - at : PART, job);                             \
            }                                                                                                          \
        } else {                                                                                                       \
            _Pragma("omp simd") for (int i = 0; i < m; i++) {                                                          \
                const float u = x[i], a = g[i] * nl_formula_x_##path(u NL_FLOATS);                                        \
                const float b = (float)(g[i] * nl_formula_x_w(u NL_DOUBLES));                                          \
                y[i] = ((u >= low) & (u <= high)) ? a : b;                                                             \
            }                                                                                                          \
        }                                                                                                              \
    }
NL_BY_ELEMENT(f)
NL_BY_ELEMENT(h)

#define NL_BY_BLOCK(dtype, type, path)                                                                                    \
    static void nl_values_##dtype(int64_t begin, int64_t end, void *given) {                                           \
        const nl_job *job = given;                                                                                     \
        const int64_t reach = nl_reach(job->low, job->high);                                                           \
        NL_PARAMETERS(job->p)                                                                                          \
        if (reach == -1) {                                                                                             \
            type *y = job->out;                                                                                        \
            const type *x = job->x;                                                                                    \
            _Pragma("omp simd") for (int64_t i = begin; i < end; i++) {                                                \
                y[i] = nl_store_##dtype(nl_formula_##path(nl_load_##dtype(x[i]) NL_FLOATS));                              \
            }                                                                                                          \
            return;                                                                                                    \
        }                                                                                                              \
        for (int64_t at = begin; at < end; at += BLOCK) {                                                              \
            const int m = end - at < BLOCK ? (int)(end - at) : BLOCK;                                                  \
            type *y = (type *)job->out + at;                                                                           \
            const type *x = (const type *)job->x + at;                                                                 \
            if (reach >= 0 && y != x) {                                                                                \
                uint32_t most = 0;                                                                                     \
                _Pragma("omp simd reduction(max : most)") for (int i = 0; i < m; i++) {                                \
                    const float u = nl_load_##dtype(x[i]);                                                             \
                    const uint32_t size = nl_magnitude(u);                                                             \
                    most = size > most ? size : most;                                                                  \
                    y[i] = nl_store_##dtype(nl_formula_##path(u NL_FLOATS));                                              \
                }                                                                                                      \
                if (most <= reach) continue;                                                                           \
            }                                                                                                          \
            float xs[BLOCK], ys[BLOCK];                                                                                \
            nl_load_block_##dtype(xs, x, m);                                                                           \
            nl_values_##path(ys, xs, m, job);                                                                             \
            nl_store_block_##dtype(y, ys, m);                                                                          \
        }                                                                                                              \
    }                                                                                                                  \
    static void nl_slopes_##dtype(int64_t begin, int64_t end, void *given) {                                           \
        const nl_job *job = given;                                                                                     \
        const int64_t reach = nl_reach(job->low, job->high);                                                           \
        NL_PARAMETERS(job->p)                                                                                          \
        type same[BLOCK];                                                                                              \
        if (job->step == 0)                                                                                            \
            for (int i = 0; i < BLOCK; i++) same[i] = *(const type *)job->grad;                                        \
        for (int64_t at = begin; at < end; at += BLOCK) {                                                              \
            const int m = end - at < BLOCK ? (int)(end - at) : BLOCK;                                                  \
            type *y = (type *)job->out + at;                                                                           \
            const type *x = (const type *)job->x + at, *g = job->step ? (const type *)job->grad + at : same;           \
            if (reach >= -1 && y != x && y != g) {                                                                     \
                uint32_t most = 0;                                                                                     \
                _Pragma("omp simd reduction(max : most)") for (int i = 0; i < m; i++) {                                \
                    const float u = nl_load_##dtype(x[i]);                                                             \
                    const uint32_t size = nl_magnitude(u);                                                             \
                    most = size > most ? size : most;                                                                  \
                    y[i] = nl_store_##dtype(nl_load_##dtype(g[i]) * nl_formula_x_##path(u NL_FLOATS));                    \
                }                                                                                                      \
                if (most <= reach || reach == -1) continue;                                                            \
            }                                                                                                          \
            float xs[BLOCK], gs[BLOCK], ys[BLOCK];                                                                     \
            nl_load_block_##dtype(xs, x, m);                                                                           \
            nl_load_block_##dtype(gs, g, m);                                                                           \
            nl_slopes_##path(ys, xs, gs, m, job);                                                                         \
            nl_store_block_##dtype(y, ys, m);                                                                          \
        }                                                                                                              \
    }
NL_BY_BLOCK(f32, float, f)
NL_BY_BLOCK(bf16, uint16_t, h)
NL_BY_BLOCK(f16, uint16_t, h)

#define NL_ENTRY(dtype)                                                                                                \
    EXPORT int32_t value_##dtype(void *out, const void *x, int64_t n, const double *settings) {                        \
        nl_job job = {out, x, 0, 0, NL_SPAN(settings), settings + 2};                                                  \
        return nl_run(n, GRAIN, nl_values_##dtype, &job);                                                              \
    }                                                                                                                  \
    EXPORT int32_t slope_##dtype(                                                                                      \
        void *out, const void *x, const void *grad, int64_t step, int64_t n, const double *settings) {                 \
        nl_job job = {out, x, grad, step, NL_SPAN(settings), settings + 2};                                            \
        return nl_run(n, GRAIN, nl_slopes_##dtype, &job);                                                              \
    }
NL_ENTRY(f32)
NL_ENTRY(bf16)
NL_ENTRY(f16)
