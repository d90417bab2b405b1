/* Loops over float64 for parameters that are tensors; the layout and the sums are learned_single.h's. */

#define ROWS 64

typedef struct {
    double *out;
    const double *x, *grad, *list;
    double *partial;
    int64_t rows, columns, channels, pieces, varying, step;
    float low, high;
} nl_learned;

/* One stretch of m elements from `start`; its list advances with the element where `varying`. */
#define NL_STRETCH                                                                                    \
    const int64_t row = k / job->pieces, at = k % job->pieces * BLOCK, start = row * job->columns + at; \
    const int m = job->columns - at < BLOCK ? (int)(job->columns - at) : BLOCK;                       \
    const double *x = job->x + start, *list = job->list + (job->varying ? at : row % job->channels) * NL_COUNT; \
    const int64_t next = job->varying ? NL_COUNT : 0, step = job->step;

static void nl_learned_values_f64(int64_t begin, int64_t end, void *given) {
    const nl_learned *job = given;
    for (int64_t k = begin; k < end; k++) {
        NL_STRETCH
        double *y = job->out + start;
        (void)step;
#pragma omp simd
        for (int i = 0; i < m; i++) {
            NL_PARAMETERS(list + i * next)
            y[i] = nl_formula_d(x[i] NL_DOUBLES);
        }
    }
}

static void nl_learned_slopes_f64(int64_t begin, int64_t end, void *given) {
    const nl_learned *job = given;
    for (int64_t k = begin; k < end; k++) {
        NL_STRETCH
        double *y = job->out + start;
        const double *g = job->grad + start * step;
#pragma omp simd
        for (int i = 0; i < m; i++) {
            NL_PARAMETERS(list + i * next)
            y[i] = g[i * step] * nl_formula_x_d(x[i] NL_DOUBLES);
        }
    }
}

static void nl_learned_sums_f64(int64_t begin, int64_t end, void *given) {
    const nl_learned *job = given;
    for (int64_t piece = begin; piece < end; piece++) {
        if (job->varying) {
            double *sums = job->partial + piece * NL_LEARNED * job->channels;
            memset(sums, 0, sizeof(double) * NL_LEARNED * job->channels);
            const int64_t first = piece * ROWS, last = first + ROWS < job->rows ? first + ROWS : job->rows;
            for (int64_t k = first * job->pieces; k < last * job->pieces; k++) {
                NL_STRETCH
                const double *g = job->grad + start * step;
#pragma omp simd
                for (int i = 0; i < m; i++) {
                    NL_PARAMETERS(list + i * next)
                    const double u = x[i], w = g[i * step];
                    NL_ADD_AT(u, w, sums + at, job->channels, i)
                }
            }
        } else {
            const int64_t k = piece;
            NL_STRETCH
            (void)next;
            const double *g = job->grad + start * step;
            NL_PARAMETERS(list)
            NL_SUMS
            NL_REDUCTION
            for (int i = 0; i < m; i++) {
                const double u = x[i], w = g[i * step];
                NL_ADD(u, w)
            }
            NL_KEEP(job->partial + k * NL_LEARNED)
        }
    }
}
