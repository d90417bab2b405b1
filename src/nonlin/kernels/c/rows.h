/* Loops over rows: what one activation does to a whole row, along any dimension, on torch's threads, for every dtype.

   A row of float32 or float64 that lies in one piece is worked on where it is. Rows of 16 bits are widened into a buffer and
   rounded once; rows across memory are gathered into one, so many at a time that whole cache lines are read. */

#include <stdlib.h>

#define LANES 32      /* sums and maxima run in so many lanes: independent chains for the vector units, alike on every CPU */
#define FEW 16        /* where the work in between hides a chain: less is padded at a row's end, and less spilled */
#define SUM_BLOCK 512 /* elements summed in float before the sum goes on in double: below 1 ULP for positive terms */

#define NL_ROW static __attribute__((noinline, unused)) void /* once for all dtypes that it serves */
#define NL_UNUSED const double *numbers __attribute__((unused)), void *scratch __attribute__((unused))
#define ACROSS 16 /* rows that are gathered together, where their elements do not lie side by side */

typedef struct {
    void *out;
    const void *x, *grad;   /* x: the input, or for a backward whatever was saved */
    int64_t columns, inner; /* elements of a row, and how far apart they lie */
    const double *p;        /* the activation's numbers */
    int32_t failed;         /* no memory for a buffer */
} nl_row_job;

/* Rows that are worked on together, and how many such groups lie within `inner`. */
INLINE int64_t nl_row_group(int64_t inner) { return inner < ACROSS ? inner : ACROSS; }
INLINE int64_t nl_row_groups(int64_t inner) { return (inner + ACROSS - 1) / ACROSS; }

/* How many groups make a thread's share. */
INLINE int64_t nl_row_grain(int64_t columns, int64_t inner) { return GRAIN / (columns * nl_row_group(inner) + 1) + 1; }

#define NL_CLEAR(lanes, count, with) for (int k = 0; k < count; k++) lanes[k] = with

/* Sixteen numbers as one, by halves. */
INLINE double nl_sum_16(const double *x) {
    double sums[8];
    for (int k = 0; k < 8; k++) sums[k] = x[k] + x[k + 8];
    for (int k = 0; k < 4; k++) sums[k] += sums[k + 4];
    return (sums[0] + sums[2]) + (sums[1] + sums[3]);
}

/* A row in steps of `count` elements: step(from, skip, pad). The last one begins early and skips what was done before, so that
   vector code takes it too; a row shorter than a step goes through a buffer, the end of which repeats `with`. */
#define NL_STEPS(T, count, x, n, with, step)                                              \
    {                                                                                     \
        int64_t at_ = 0;                                                                  \
        for (; at_ + count <= (n); at_ += count) step(((x) + at_), at_, 0);               \
        if (at_ < (n) && (n) >= count) {                                                  \
            step(((x) + (n)-count), ((n)-count), (count - (int)((n)-at_)));               \
        } else if (at_ < (n)) {                                                           \
            T pad_[count];                                                                \
            for (int k = 0; k < count; k++) pad_[k] = k < (n) ? (x)[k] : with;            \
            step(pad_, 0, 0);                                                             \
        }                                                                                 \
    }

/* The largest of n numbers, or of their negatives; -inf where there are none, and a NaN never wins. */
#define NL_TOP(name, T, least)                                                                                      \
    INLINE T name(const T *x, int64_t n, const int negative) {                                                      \
        T lanes[LANES];                                                                                             \
        NL_CLEAR(lanes, LANES, least);                                                                              \
        NL_STEPS(T, LANES, x, n, negative ? -least : least, NL_TOP_STEP)                                            \
        for (int k = 0; k < 16; k++) lanes[k] = lanes[k + 16] > lanes[k] ? lanes[k + 16] : lanes[k];                \
        for (int k = 0; k < 8; k++) lanes[k] = lanes[k + 8] > lanes[k] ? lanes[k + 8] : lanes[k];                   \
        for (int k = 0; k < 4; k++) lanes[k] = lanes[k + 4] > lanes[k] ? lanes[k + 4] : lanes[k];                   \
        for (int k = 0; k < 2; k++) lanes[k] = lanes[k + 2] > lanes[k] ? lanes[k + 2] : lanes[k];                   \
        return lanes[1] > lanes[0] ? lanes[1] : lanes[0];                                                           \
    }
#define NL_TOP_STEP(from, at, skip)                                                     \
    for (int k = 0; k < LANES; k++) { /* an element seen twice changes no maximum */    \
        const __typeof__(*(from)) u = negative ? -(from)[k] : (from)[k];                \
        lanes[k] = u > lanes[k] ? u : lanes[k];                                         \
    }
NL_TOP(nl_top_f, float, -__builtin_inff())
NL_TOP(nl_top_d, double, -__builtin_inf())

/* Rows of type T in a buffer of type C, one after the other, and back. */
#define NL_ROW_MOVES(dtype, T, C)                                                                               \
    INLINE void nl_gather_##dtype(C *to, const T *from, int64_t n, int64_t inner, int64_t rows) {               \
        for (int64_t i = 0; inner == 1 && i < n; i++) to[i] = nl_load_##dtype(from[i]);                         \
        for (int64_t i = 0; inner > 1 && i < n; i++)                                                            \
            for (int64_t r = 0; r < rows; r++) to[r * n + i] = nl_load_##dtype(from[i * inner + r]);            \
    }                                                                                                           \
    INLINE void nl_scatter_##dtype(T *to, const C *from, int64_t n, int64_t inner, int64_t rows) {              \
        for (int64_t i = 0; inner == 1 && i < n; i++) to[i] = nl_store_##dtype(from[i]);                        \
        for (int64_t i = 0; inner > 1 && i < n; i++)                                                            \
            for (int64_t r = 0; r < rows; r++) to[i * inner + r] = nl_store_##dtype(from[r * n + i]);           \
    }

/* op: nl_<op>_row_<path>(y, x, n, numbers, scratch), y apart from x, and nl_<op>_back_<path>(y, saved, g, n, numbers, scratch).
   in_place: rows may be worked on where they lie. again: the backward reads the output, which has too few bits: it is computed
   again from the input. scratch: bytes an element. Entries: value(out, x) and slope(out, saved, grad). */
#define NL_ROWS(op, dtype, T, C, path, in_place, again, scratch)                                                       \
    static void nl_value_rows_##dtype(int64_t begin, int64_t end, void *given) {                                       \
        nl_row_job *job = given;                                                                                       \
        const int64_t n = job->columns, inner = job->inner, most = nl_row_group(inner), groups = nl_row_groups(inner); \
        const int lies = in_place && inner == 1;                                                                       \
        C *xs = malloc((size_t)n * (scratch + (lies ? 0 : 2 * most * sizeof(C))) + 64), *ys = xs + (lies ? 0 : most * n); \
        void *free_space = lies ? ys : ys + most * n;                                                                  \
        if (!xs) job->failed = 1;                                                                                      \
        for (int64_t at = begin; xs && at < end; at++) {                                                               \
            const int64_t first = at % groups * ACROSS, rows = inner - first < ACROSS ? inner - first : ACROSS;        \
            const int64_t offset = at / groups * n * inner + first;                                                    \
            const T *x = (const T *)job->x + offset;                                                                   \
            T *y = (T *)job->out + offset;                                                                             \
            if (lies) {                                                                                                \
                nl_##op##_row_##path((C *)y, (const C *)x, n, job->p, free_space);                                     \
                continue;                                                                                              \
            }                                                                                                          \
            nl_gather_##dtype(xs, x, n, inner, rows);                                                                  \
            for (int64_t r = 0; r < rows; r++) nl_##op##_row_##path(ys + r * n, xs + r * n, n, job->p, free_space);    \
            nl_scatter_##dtype(y, ys, n, inner, rows);                                                                 \
        }                                                                                                              \
        free(xs);                                                                                                      \
    }                                                                                                                  \
    static void nl_slope_rows_##dtype(int64_t begin, int64_t end, void *given) {                                       \
        nl_row_job *job = given;                                                                                       \
        const int64_t n = job->columns, inner = job->inner, most = nl_row_group(inner), groups = nl_row_groups(inner); \
        const int lies = in_place && inner == 1;                                                                       \
        C *xs = malloc((size_t)n * (scratch + (lies ? 0 : 3 * most * sizeof(C))) + 64), *ys = xs + (lies ? 0 : most * n); \
        C *gs = ys + (lies ? 0 : most * n);                                                                            \
        void *free_space = lies ? gs : gs + most * n;                                                                  \
        if (!xs) job->failed = 1;                                                                                      \
        for (int64_t at = begin; xs && at < end; at++) {                                                               \
            const int64_t first = at % groups * ACROSS, rows = inner - first < ACROSS ? inner - first : ACROSS;        \
            const int64_t offset = at / groups * n * inner + first;                                                    \
            const T *x = (const T *)job->x + offset, *g = (const T *)job->grad + offset;                               \
            T *y = (T *)job->out + offset;                                                                             \
            if (lies) {                                                                                                \
                nl_##op##_back_##path((C *)y, (const C *)x, (const C *)g, n, job->p, free_space);                      \
                continue;                                                                                              \
            }                                                                                                          \
            nl_gather_##dtype(xs, x, n, inner, rows);                                                                  \
            nl_gather_##dtype(gs, g, n, inner, rows);                                                                  \
            for (int64_t r = 0; r < rows; r++) {                                                                       \
                C *to = ys + r * n, *saved = xs + r * n;                                                               \
                if (again) nl_##op##_row_##path(saved = to, xs + r * n, n, job->p, free_space);                        \
                nl_##op##_back_##path(to, saved, gs + r * n, n, job->p, free_space);                                   \
            }                                                                                                          \
            nl_scatter_##dtype(y, ys, n, inner, rows);                                                                 \
        }                                                                                                              \
        free(xs);                                                                                                      \
    }                                                                                                                  \
    NL_ROW_ENTRY(value, dtype)                                                                                         \
    NL_ROW_ENTRY(slope, dtype)

#define NL_ROW_ENTRY(name, dtype)                                                                                      \
    EXPORT int32_t name##_##dtype(                                                                                     \
        void *out, const void *x, const void *grad, int64_t outer, int64_t columns, int64_t inner, const double *p) {  \
        nl_row_job job = {out, x, grad, columns, inner, p, 0};                                                         \
        const int64_t groups = outer * nl_row_groups(inner);                                                           \
        const int32_t failed = nl_run(groups, nl_row_grain(columns, inner), nl_##name##_rows_##dtype, &job);           \
        return failed | job.failed;                                                                                    \
    }

/* `by_output`: whether the backward reads the output. */
#define NL_ROWS_SINGLE(op, by_output, scratch)                             \
    NL_ROWS(op, f32, float, float, f, 1, 0, scratch)                       \
    NL_ROWS(op, bf16, uint16_t, float, f, 0, by_output, scratch)           \
    NL_ROWS(op, f16, uint16_t, float, f, 0, by_output, scratch)
#define NL_ROWS_DOUBLE(op, by_output, scratch) NL_ROWS(op, f64, double, double, d, 1, 0, scratch)
