/* Loops over float32, bfloat16 and float16 for parameters that are tensors: values, gradients by x and by each learned
   parameter. Included after pointwise_single.h, whose loops serve wherever a stretch of elements shares its parameters.

   `list` holds the NL_COUNT parameters of each channel. A row of `columns` elements belongs to channel row % channels; or,
   where `varying`, element i of every row belongs to channel i.
   Sums are in double, over fixed pieces in a fixed order: the same for any number of threads. */

#define ROWS 64 /* rows whose sums a varying piece collects */

typedef struct {
    void *out;
    const void *x, *grad;
    const double *list;
    double *partial; /* NL_LEARNED sums a piece; where varying, NL_LEARNED * channels */
    int64_t rows, columns, channels, pieces, varying, step;
    float low, high;
} nl_learned;

#define NL_VARYING(path)                                                                                                  \
    static void nl_values_varying_##path(                                                                                 \
        float *y, const float *x, int m, const double *list, float low, float high) {                                  \
        if (nl_outside(x, m, low, high) == 0) {                                                                        \
            _Pragma("omp simd") for (int i = 0; i < m; i++) {                                                          \
                NL_PARAMETERS(list + i * NL_COUNT)                                                                     \
                y[i] = nl_formula_##path(x[i] NL_FLOATS);                                                                 \
            }                                                                                                          \
        } else {                                                                                                       \
            _Pragma("omp simd") for (int i = 0; i < m; i++) {                                                          \
                NL_PARAMETERS(list + i * NL_COUNT)                                                                     \
                const float u = x[i], a = nl_formula_##path(u NL_FLOATS), b = (float)nl_formula_w(u NL_DOUBLES);          \
                y[i] = ((u >= low) & (u <= high)) ? a : b;                                                             \
            }                                                                                                          \
        }                                                                                                              \
    }                                                                                                                  \
    static void nl_slopes_varying_##path(                                                                                 \
        float *y, const float *x, const float *g, int m, const double *list, float low, float high) {                  \
        if (nl_outside(x, m, low, high) == 0) {                                                                        \
            _Pragma("omp simd") for (int i = 0; i < m; i++) {                                                          \
                NL_PARAMETERS(list + i * NL_COUNT)                                                                     \
                y[i] = g[i] * nl_formula_x_##path(x[i] NL_FLOATS);                                                        \
            }                                                                                                          \
        } else {                                                                                                       \
            _Pragma("omp simd") for (int i = 0; i < m; i++) {                                                          \
                NL_PARAMETERS(list + i * NL_COUNT)                                                                     \
                const float u = x[i], a = g[i] * nl_formula_x_##path(u NL_FLOATS);                                        \
                const float b = (float)(g[i] * nl_formula_x_w(u NL_DOUBLES));                                          \
                y[i] = ((u >= low) & (u <= high)) ? a : b;                                                             \
            }                                                                                                          \
        }                                                                                                              \
    }
NL_VARYING(f)
NL_VARYING(h)

/* The learned parameters' gradients, summed over a stretch that shares them, added to sums[0..NL_LEARNED). */
static void nl_sums(const float *x, const float *g, int m, const double *list, double *sums) {
    NL_PARAMETERS(list)
    NL_SUMS
    NL_REDUCTION
    for (int i = 0; i < m; i++) {
        const double u = x[i], w = g[i];
        NL_ADD(u, w)
    }
    NL_KEEP(sums)
}

static void nl_sums_varying(const float *x, const float *g, int m, const double *list, double *sums, int64_t channels) {
#pragma omp simd
    for (int i = 0; i < m; i++) {
        NL_PARAMETERS(list + i * NL_COUNT)
        const double u = x[i], w = g[i];
        NL_ADD_AT(u, w, sums, channels, i)
    }
}

/* IN: a stretch as floats, where it lies or converted; OUT and STORE: the same for what is written. */
#define NL_LEARNED_LOOPS(dtype, type, path, IN, OUT, STORE) \
    static void nl_learned_values_##dtype(int64_t begin, int64_t end, void *given) {                                  \
        const nl_learned *job = given;                                                                                \
        for (int64_t k = begin; k < end; k++) {                                                                       \
            const int64_t row = k / job->pieces, at = k % job->pieces * BLOCK;                                        \
            const int m = job->columns - at < BLOCK ? (int)(job->columns - at) : BLOCK;                               \
            IN(xs, type, (const type *)job->x + row * job->columns + at, m) OUT(ys, type, (type *)job->out + row * job->columns + at)                                              \
            if (job->varying) {                                                                                       \
                nl_values_varying_##path(ys, xs, m, job->list + at * NL_COUNT, job->low, job->high);                         \
            } else {                                                                                                  \
                const nl_job one = {0, 0, 0, 0, job->low, job->high, job->list + row % job->channels * NL_COUNT};     \
                nl_values_##path(ys, xs, m, &one);                                                                           \
            }                                                                                                         \
            STORE(ys, m)                                                 \
        }                                                                                                             \
    }                                                                                                                 \
    static void nl_learned_slopes_##dtype(int64_t begin, int64_t end, void *given) {                                  \
        const nl_learned *job = given;                                                                                \
        for (int64_t k = begin; k < end; k++) {                                                                       \
            const int64_t row = k / job->pieces, at = k % job->pieces * BLOCK, start = row * job->columns + at;       \
            const int m = job->columns - at < BLOCK ? (int)(job->columns - at) : BLOCK;                               \
            const double *list = job->list + (job->varying ? at : row % job->channels) * NL_COUNT;                    \
            IN(xs, type, (const type *)job->x + start, m) OUT(ys, type, (type *)job->out + start)                                                                \
            NL_INCOMING(IN, type)                                                                                   \
            if (job->varying) {                                                                                       \
                nl_slopes_varying_##path(ys, xs, gs, m, list, job->low, job->high);                                          \
            } else {                                                                                                  \
                const nl_job one = {0, 0, 0, 0, job->low, job->high, list};                                           \
                nl_slopes_##path(ys, xs, gs, m, &one);                                                                       \
            }                                                                                                         \
            STORE(ys, m)                                                                   \
        }                                                                                                             \
    }                                                                                                                 \
    static void nl_learned_sums_##dtype(int64_t begin, int64_t end, void *given) {                                    \
        const nl_learned *job = given;                                                                                \
        for (int64_t k = begin; k < end; k++) {                                                                       \
            if (job->varying) {                                                                                       \
                double *sums = job->partial + k * NL_LEARNED * job->channels;                                         \
                memset(sums, 0, sizeof(double) * NL_LEARNED * job->channels);                                         \
                for (int64_t row = k * ROWS; row < job->rows && row < (k + 1) * ROWS; row++)                          \
                    for (int64_t at = 0; at < job->columns; at += BLOCK) {                                            \
                        const int64_t start = row * job->columns + at;                                                \
                        const int m = job->columns - at < BLOCK ? (int)(job->columns - at) : BLOCK;                   \
                        IN(xs, type, (const type *)job->x + start, m)                                                    \
                        NL_INCOMING(IN, type)                                                                       \
                        nl_sums_varying(xs, gs, m, job->list + at * NL_COUNT, sums + at, job->channels);              \
                    }                                                                                                 \
            } else {                                                                                                  \
                const int64_t row = k / job->pieces, at = k % job->pieces * BLOCK, start = row * job->columns + at;   \
                const int m = job->columns - at < BLOCK ? (int)(job->columns - at) : BLOCK;                           \
                IN(xs, type, (const type *)job->x + start, m)                                                            \
                NL_INCOMING(IN, type)                                                                               \
                nl_sums(xs, gs, m, job->list + row % job->channels * NL_COUNT, job->partial + k * NL_LEARNED);        \
            }                                                                                                         \
        }                                                                                                             \
    }
#define NL_INCOMING(IN, type)                                                          \
    float same[BLOCK];                                                                 \
    IN(given_gs, type, (const type *)job->grad + start * job->step, job->step ? m : 1) \
    if (!job->step)                                                                    \
        for (int i = 0; i < m; i++) same[i] = given_gs[0];                             \
    const float *gs = job->step ? given_gs : same;

#define NL_IN_F32(name, type, at, m) const float *name = at;
#define NL_OUT_F32(name, type, at) float *name = at;
#define NL_STORE_F32(name, m)
#define NL_IN_BF16(name, type, at, m)        \
    float name##_held[BLOCK];                \
    nl_load_block_bf16(name##_held, at, m);  \
    const float *name = name##_held;
#define NL_IN_F16(name, type, at, m)         \
    float name##_held[BLOCK];                \
    nl_load_block_f16(name##_held, at, m);   \
    const float *name = name##_held;
#define NL_OUT_16(name, type, at)            \
    float name[BLOCK];                       \
    uint16_t *name##_to = at;
#define NL_STORE_BF16(name, m) nl_store_block_bf16(name##_to, name, m);
#define NL_STORE_F16(name, m) nl_store_block_f16(name##_to, name, m);
NL_LEARNED_LOOPS(f32, float, f, NL_IN_F32, NL_OUT_F32, NL_STORE_F32)
NL_LEARNED_LOOPS(bf16, uint16_t, h, NL_IN_BF16, NL_OUT_16, NL_STORE_BF16)
NL_LEARNED_LOOPS(f16, uint16_t, h, NL_IN_F16, NL_OUT_16, NL_STORE_F16)
