/* Loops over float32, bfloat16 and float16: y = f(x), and gradient = grad * f'(x).

   Each element takes the float path where low <= x <= high (an interval in which it was measured to be accurate enough),
   and the double path elsewhere: which one depends on x alone, so that equal x give equal bits at every place. low > high:
   always the double path; (-inf, inf): never, for NaN neither. A block is first computed as if all of it lay inside, noting
   the largest |x|; where that is too large, it is computed again, each element as is its due, and so are the next blocks, at
   once, until one lies inside. */

typedef struct {
    void *out;
    const void *x, *grad;
    int64_t step; /* 0: one gradient for all elements */
    float low, high;
    const double *p;
} nl_job;

/* Each element as is its due; how many lay outside the interval. */
#define NL_BY_ELEMENT(path)                                                                                            \
    static int nl_values_##path(float *y, const float *x, int m, const nl_job *job) {                                  \
        NL_PARAMETERS(job->p)                                                                                          \
        const float low = job->low, high = job->high;                                                                  \
        const int outside = nl_outside(x, m, low, high);                                                               \
        if (outside == 0) {                                                                                            \
            _Pragma("omp simd") for (int i = 0; i < m; i++) y[i] = nl_formula_##path(x[i] NL_FLOATS);                  \
        } else if (outside == m) {                                                                                     \
            _Pragma("omp simd") for (int i = 0; i < m; i++) y[i] = (float)nl_formula_w(x[i] NL_DOUBLES);               \
        } else if (m > PART) {                                                                                         \
            for (int at = 0; at < m; at += PART) nl_values_##path(y + at, x + at, m - at < PART ? m - at : PART, job); \
        } else {                                                                                                       \
            _Pragma("omp simd") for (int i = 0; i < m; i++) {                                                          \
                const float u = x[i], a = nl_formula_##path(u NL_FLOATS), b = (float)nl_formula_w(u NL_DOUBLES);       \
                y[i] = ((u >= low) & (u <= high)) ? a : b;                                                             \
            }                                                                                                          \
        }                                                                                                              \
        return outside;                                                                                                \
    }                                                                                                                  \
    static int nl_slopes_##path(float *y, const float *x, const float *g, int m, const nl_job *job) {                  \
        NL_PARAMETERS(job->p)                                                                                          \
        const float low = job->low, high = job->high;                                                                  \
        const int outside = nl_outside(x, m, low, high);                                                               \
        if (outside == 0) {                                                                                            \
            _Pragma("omp simd") for (int i = 0; i < m; i++) y[i] = g[i] * nl_formula_x_##path(x[i] NL_FLOATS);         \
        } else if (outside == m) {                                                                                     \
            _Pragma("omp simd") for (int i = 0; i < m; i++) y[i] = (float)(g[i] * nl_formula_x_w(x[i] NL_DOUBLES));    \
        } else if (m > PART) {                                                                                         \
            for (int at = 0; at < m; at += PART) {                                                                     \
                nl_slopes_##path(y + at, x + at, g + at, m - at < PART ? m - at : PART, job);                          \
            }                                                                                                          \
        } else {                                                                                                       \
            _Pragma("omp simd") for (int i = 0; i < m; i++) {                                                          \
                const float u = x[i], a = g[i] * nl_formula_x_##path(u NL_FLOATS);                                     \
                const float b = (float)(g[i] * nl_formula_x_w(u NL_DOUBLES));                                          \
                y[i] = ((u >= low) & (u <= high)) ? a : b;                                                             \
            }                                                                                                          \
        }                                                                                                              \
        return outside;                                                                                                \
    }
NL_BY_ELEMENT(f)
NL_BY_ELEMENT(h)

/* m elements by the float path: one by one, bfloat16 two by two, float16 as a block of floats. */
#define NL_VALUES_ONE(dtype, path, i)                                             \
    {                                                                             \
        const float u = nl_load_##dtype(x[i]);                                    \
        NL_NOTE(u)                                                                \
        y[i] = nl_store_##dtype(nl_formula_##path(u NL_FLOATS));                  \
    }
#define NL_SLOPES_ONE(dtype, path, i)                                             \
    {                                                                             \
        const float u = nl_load_##dtype(x[i]), w = nl_load_##dtype(g[i]);         \
        NL_NOTE(u)                                                                \
        y[i] = nl_store_##dtype(w * nl_formula_x_##path(u NL_FLOATS));            \
    }
#define NL_VALUES_f32 NL_SIMD for (int64_t i = 0; i < m; i++) NL_VALUES_ONE(f32, f, i)
#define NL_SLOPES_f32 NL_SIMD for (int64_t i = 0; i < m; i++) NL_SLOPES_ONE(f32, f, i)
#define NL_VALUES_f16                                                                                                  \
    float xs[BLOCK], ys[BLOCK];                                                                                        \
    nl_load_block_f16(xs, x, (int)m);                                                                                  \
    NL_SIMD for (int64_t i = 0; i < m; i++) {                                                                          \
        NL_NOTE(xs[i])                                                                                                 \
        ys[i] = nl_formula_h(xs[i] NL_FLOATS);                                                                         \
    }                                                                                                                  \
    nl_store_block_f16(y, ys, (int)m);
#define NL_SLOPES_f16                                                                                                  \
    float xs[BLOCK], gs[BLOCK], ys[BLOCK];                                                                             \
    nl_load_block_f16(xs, x, (int)m);                                                                                  \
    nl_load_block_f16(gs, g, (int)m);                                                                                  \
    NL_SIMD for (int64_t i = 0; i < m; i++) {                                                                          \
        NL_NOTE(xs[i])                                                                                                 \
        ys[i] = gs[i] * nl_formula_x_h(xs[i] NL_FLOATS);                                                               \
    }                                                                                                                  \
    nl_store_block_f16(y, ys, (int)m);
#define NL_VALUES_bf16                                                                                                 \
    NL_SIMD for (int64_t i = 0; i < m / 2; i++) {                                                                      \
        const uint32_t word = nl_word(x, i);                                                                           \
        const float lower = nl_lower(word), upper = nl_upper(word);                                                    \
        NL_NOTE(lower)                                                                                                 \
        NL_NOTE(upper)                                                                                                 \
        nl_put_word(y, i, nl_formula_h(lower NL_FLOATS), nl_formula_h(upper NL_FLOATS));                               \
    }                                                                                                                  \
    if (m % 2) NL_VALUES_ONE(bf16, h, m - 1)
#define NL_SLOPES_bf16                                                                                                 \
    NL_SIMD for (int64_t i = 0; i < m / 2; i++) {                                                                      \
        const uint32_t word = nl_word(x, i), grads = nl_word(g, i);                                                    \
        const float lower = nl_lower(word), upper = nl_upper(word);                                                    \
        NL_NOTE(lower)                                                                                                 \
        NL_NOTE(upper)                                                                                                 \
        const float first = nl_lower(grads) * nl_formula_x_h(lower NL_FLOATS);                                         \
        nl_put_word(y, i, first, nl_upper(grads) * nl_formula_x_h(upper NL_FLOATS));                                   \
    }                                                                                                                  \
    if (m % 2) NL_SLOPES_ONE(bf16, h, m - 1)

/* Where every x is served by the float path, float32 and bfloat16 need no blocks: `whole`. */
#define NL_BY_BLOCK(dtype, type, path, whole)                                                                          \
    static void nl_values_##dtype(int64_t begin, int64_t end, void *given) {                                           \
        const nl_job *job = given;                                                                                     \
        const int64_t reach = nl_reach(job->low, job->high), block = whole && reach == -1 ? end - begin : BLOCK;       \
        int hopeful = reach >= 0;                                                                                      \
        NL_PARAMETERS(job->p)                                                                                          \
        for (int64_t at = begin; at < end; at += block) {                                                              \
            const int64_t m = end - at < block ? end - at : block;                                                     \
            type *y = (type *)job->out + at;                                                                           \
            const type *x = (const type *)job->x + at;                                                                 \
            const int over = y == x;                                                                                   \
            if (reach == -1 || (hopeful && (!over || nl_most_##dtype(x, m) <= reach))) {                               \
                uint32_t most = 0;                                                                                     \
                NL_VALUES_##dtype                                                                                      \
                if (reach == -1 || most <= reach) continue;                                                            \
            }                                                                                                          \
            float xs[BLOCK], ys[BLOCK];                                                                                \
            nl_load_block_##dtype(xs, x, (int)m);                                                                      \
            hopeful = nl_values_##path(ys, xs, (int)m, job) == 0;                                                      \
            nl_store_block_##dtype(y, ys, (int)m);                                                                     \
        }                                                                                                              \
    }                                                                                                                  \
    static void nl_slopes_##dtype(int64_t begin, int64_t end, void *given) {                                           \
        const nl_job *job = given;                                                                                     \
        const int64_t reach = nl_reach(job->low, job->high);                                                           \
        const int64_t block = whole && reach == -1 && job->step ? end - begin : BLOCK;                                 \
        int hopeful = reach >= 0;                                                                                      \
        NL_PARAMETERS(job->p)                                                                                          \
        type same[BLOCK];                                                                                              \
        if (job->step == 0)                                                                                            \
            for (int i = 0; i < BLOCK; i++) same[i] = *(const type *)job->grad;                                        \
        for (int64_t at = begin; at < end; at += block) {                                                              \
            const int64_t m = end - at < block ? end - at : block;                                                     \
            type *y = (type *)job->out + at;                                                                           \
            const type *x = (const type *)job->x + at, *g = job->step ? (const type *)job->grad + at : same;           \
            const int over = y == x || y == g;                                                                         \
            if (reach == -1 || (hopeful && (!over || nl_most_##dtype(x, m) <= reach))) {                               \
                uint32_t most = 0;                                                                                     \
                NL_SLOPES_##dtype                                                                                      \
                if (reach == -1 || most <= reach) continue;                                                            \
            }                                                                                                          \
            float xs[BLOCK], gs[BLOCK], ys[BLOCK];                                                                     \
            nl_load_block_##dtype(xs, x, (int)m);                                                                      \
            nl_load_block_##dtype(gs, g, (int)m);                                                                      \
            hopeful = nl_slopes_##path(ys, xs, gs, (int)m, job) == 0;                                                  \
            nl_store_block_##dtype(y, ys, (int)m);                                                                     \
        }                                                                                                              \
    }
NL_BY_BLOCK(f32, float, f, 1)
NL_BY_BLOCK(bf16, uint16_t, h, 1)
NL_BY_BLOCK(f16, uint16_t, h, 0)

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
