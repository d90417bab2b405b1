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

static void nl_values_varying(float *y, const float *x, int m, const double *list, float low, float high) {
    if (nl_outside(x, m, low, high) == 0) {
#pragma omp simd
        for (int i = 0; i < m; i++) {
            NL_PARAMETERS(list + i * NL_COUNT)
            y[i] = nl_formula_f(x[i] NL_FLOATS);
        }
    } else {
#pragma omp simd
        for (int i = 0; i < m; i++) {
            NL_PARAMETERS(list + i * NL_COUNT)
            const float u = x[i], a = nl_formula_f(u NL_FLOATS), b = (float)nl_formula_w(u NL_DOUBLES);
            y[i] = ((u >= low) & (u <= high)) ? a : b;
        }
    }
}

static void nl_slopes_varying(float *y, const float *x, const float *g, int m, const double *list, float low, float high) {
    if (nl_outside(x, m, low, high) == 0) {
#pragma omp simd
        for (int i = 0; i < m; i++) {
            NL_PARAMETERS(list + i * NL_COUNT)
            y[i] = g[i] * nl_formula_x_f(x[i] NL_FLOATS);
        }
    } else {
#pragma omp simd
        for (int i = 0; i < m; i++) {
            NL_PARAMETERS(list + i * NL_COUNT)
            const float u = x[i], a = g[i] * nl_formula_x_f(u NL_FLOATS), b = (float)(g[i] * nl_formula_x_w(u NL_DOUBLES));
            y[i] = ((u >= low) & (u <= high)) ? a : b;
        }
    }
}

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

#define NL_LEARNED_LOOPS(dtype, type, LOAD, STORE)                                                                    \
    static void nl_learned_values_##dtype(int64_t begin, int64_t end, void *given) {                                  \
        const nl_learned *job = given;                                                                                \
        float xs[BLOCK], ys[BLOCK];                                                                                   \
        for (int64_t k = begin; k < end; k++) {                                                                       \
            const int64_t row = k / job->pieces, at = k % job->pieces * BLOCK;                                        \
            const int m = job->columns - at < BLOCK ? (int)(job->columns - at) : BLOCK;                               \
            LOAD(xs, (const type *)job->x + row * job->columns + at, m);                                              \
            if (job->varying) {                                                                                       \
                nl_values_varying(ys, xs, m, job->list + at * NL_COUNT, job->low, job->high);                         \
            } else {                                                                                                  \
                const nl_job one = {0, 0, 0, 0, job->low, job->high, job->list + row % job->channels * NL_COUNT};     \
                nl_values(ys, xs, m, &one);                                                                           \
            }                                                                                                         \
            STORE((type *)job->out + row * job->columns + at, ys, m);                                                 \
        }                                                                                                             \
    }                                                                                                                 \
    static void nl_learned_slopes_##dtype(int64_t begin, int64_t end, void *given) {                                  \
        const nl_learned *job = given;                                                                                \
        float xs[BLOCK], gs[BLOCK], ys[BLOCK];                                                                        \
        for (int64_t k = begin; k < end; k++) {                                                                       \
            const int64_t row = k / job->pieces, at = k % job->pieces * BLOCK, start = row * job->columns + at;       \
            const int m = job->columns - at < BLOCK ? (int)(job->columns - at) : BLOCK;                               \
            const double *list = job->list + (job->varying ? at : row % job->channels) * NL_COUNT;                    \
            LOAD(xs, (const type *)job->x + start, m);                                                                \
            NL_INCOMING(LOAD, type)                                                                                   \
            if (job->varying) {                                                                                       \
                nl_slopes_varying(ys, xs, gs, m, list, job->low, job->high);                                          \
            } else {                                                                                                  \
                const nl_job one = {0, 0, 0, 0, job->low, job->high, list};                                           \
                nl_slopes(ys, xs, gs, m, &one);                                                                       \
            }                                                                                                         \
            STORE((type *)job->out + start, ys, m);                                                                   \
        }                                                                                                             \
    }                                                                                                                 \
    static void nl_learned_sums_##dtype(int64_t begin, int64_t end, void *given) {                                    \
        const nl_learned *job = given;                                                                                \
        float xs[BLOCK], gs[BLOCK];                                                                                   \
        for (int64_t k = begin; k < end; k++) {                                                                       \
            if (job->varying) {                                                                                       \
                double *sums = job->partial + k * NL_LEARNED * job->channels;                                         \
                memset(sums, 0, sizeof(double) * NL_LEARNED * job->channels);                                         \
                for (int64_t row = k * ROWS; row < job->rows && row < (k + 1) * ROWS; row++)                          \
                    for (int64_t at = 0; at < job->columns; at += BLOCK) {                                            \
                        const int64_t start = row * job->columns + at;                                                \
                        const int m = job->columns - at < BLOCK ? (int)(job->columns - at) : BLOCK;                   \
                        LOAD(xs, (const type *)job->x + start, m);                                                    \
                        NL_INCOMING(LOAD, type)                                                                       \
                        nl_sums_varying(xs, gs, m, job->list + at * NL_COUNT, sums + at, job->channels);              \
                    }                                                                                                 \
            } else {                                                                                                  \
                const int64_t row = k / job->pieces, at = k % job->pieces * BLOCK, start = row * job->columns + at;   \
                const int m = job->columns - at < BLOCK ? (int)(job->columns - at) : BLOCK;                           \
                LOAD(xs, (const type *)job->x + start, m);                                                            \
                NL_INCOMING(LOAD, type)                                                                               \
                nl_sums(xs, gs, m, job->list + row % job->channels * NL_COUNT, job->partial + k * NL_LEARNED);        \
            }                                                                                                         \
        }                                                                                                             \
    }
#define NL_INCOMING(LOAD, type)                                                       \
    if (job->step) {                                                                  \
        LOAD(gs, (const type *)job->grad + start, m);                                 \
    } else {                                                                          \
        LOAD(gs, (const type *)job->grad, 1);                                         \
        for (int i = 1; i < m; i++) gs[i] = gs[0];                                    \
    }
#define NL_COPY(to, from, m) memcpy(to, from, sizeof(float) * (size_t)(m))
NL_LEARNED_LOOPS(f32, float, NL_COPY, NL_COPY)
NL_LEARNED_LOOPS(bf16, uint16_t, nl_load_block_bf16, nl_store_block_bf16)
NL_LEARNED_LOOPS(f16, uint16_t, nl_load_block_f16, nl_store_block_f16)

