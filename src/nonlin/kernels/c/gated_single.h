/* Loops over float32, bfloat16 and float16: y = h(value) * f(gate), and both gradients in one pass. The value's own function
   h is the value itself unless a source defines NL_TWO_SIDED (see kernels/source.py).

   Rows of `columns` elements, each operand with its own distance from row to row: the halves of a packed tensor are read and
   written where they lie. The float path serves where low <= gate <= high, as in pointwise_single.h; with an h, where the
   value lies there too. */

typedef struct {
    void *out, *out_gate; /* y; or the gradients of value and gate */
    const void *value, *gate, *grad;
    int64_t columns, pieces; /* a row is worked on in pieces of BLOCK */
    int64_t out_row, value_row, gate_row, grad_row, step;
    float low, high;
    const double *p;
} nl_job;

#ifdef NL_TWO_SIDED
/* How many of m pairs have a number outside the interval. */
INLINE int nl_outside_either(const float *g, const float *v, int m, float low, float high) {
    if (low == -__builtin_inff() && high == __builtin_inff()) return 0;
    if (low > high) return m;
    int outside = 0;
#pragma omp simd reduction(+ : outside)
    for (int i = 0; i < m; i++) outside += !((g[i] >= low) & (g[i] <= high) & (v[i] >= low) & (v[i] <= high));
    return outside;
}
#define NL_OUTSIDE(g, v, m, low, high) nl_outside_either(g, v, m, low, high)
#define NL_VALUE_INSIDE(v, low, high) &(v >= low) & (v <= high)
#define NL_NOTE_BOTH(u, v) NL_NOTE(u) NL_NOTE(v)
#define NL_MOST_OF_BOTH(dtype) (nl_most_##dtype(gate, m) <= reach && nl_most_##dtype(value, m) <= reach)
#else
#define NL_OUTSIDE(g, v, m, low, high) nl_outside(g, m, low, high)
#define NL_VALUE_INSIDE(v, low, high)
#define NL_NOTE_BOTH(u, v) NL_NOTE(u)
#define NL_MOST_OF_BOTH(dtype) (nl_most_##dtype(gate, m) <= reach)
#endif

/* Each element as its gate is due; how many gates lay outside the interval. */
#define NL_BY_ELEMENT(path)                                                                                            \
    static int nl_products_##path(float *y, const float *v, const float *g, int m, const nl_job *job) {                \
        NL_PARAMETERS(job->p)                                                                                          \
        const float low = job->low, high = job->high;                                                                  \
        const int outside = NL_OUTSIDE(g, v, m, low, high);                                                               \
        if (outside == 0) {                                                                                            \
            _Pragma("omp simd") for (int i = 0; i < m; i++) y[i] = NL_H_##path(v[i]) * nl_formula_##path(g[i] NL_FLOATS);           \
        } else if (outside == m) {                                                                                     \
            _Pragma("omp simd") for (int i = 0; i < m; i++) y[i] = (float)(NL_H_w(v[i]) * nl_formula_w(g[i] NL_DOUBLES));      \
        } else if (m > PART) {                                                                                         \
            for (int at = 0; at < m; at += PART) {                                                                     \
                nl_products_##path(y + at, v + at, g + at, m - at < PART ? m - at : PART, job);                        \
            }                                                                                                          \
        } else {                                                                                                       \
            _Pragma("omp simd") for (int i = 0; i < m; i++) {                                                          \
                const float u = g[i], at_value = v[i], a = NL_H_##path(at_value) * nl_formula_##path(u NL_FLOATS);                                       \
                const float b = (float)(NL_H_w(at_value) * nl_formula_w(u NL_DOUBLES));                                            \
                y[i] = ((u >= low) & (u <= high) NL_VALUE_INSIDE(at_value, low, high)) ? a : b;                                                             \
            }                                                                                                          \
        }                                                                                                              \
        return outside;                                                                                                \
    }                                                                                                                  \
    static int nl_gradients_##path(                                                                                    \
        float *dv, float *dg, const float *v, const float *g, const float *w, int m, const nl_job *job) {              \
        NL_PARAMETERS(job->p)                                                                                          \
        const float low = job->low, high = job->high;                                                                  \
        const int outside = NL_OUTSIDE(g, v, m, low, high);                                                               \
        if (outside == 0) {                                                                                            \
            _Pragma("omp simd") for (int i = 0; i < m; i++) {                                                          \
                const float u = g[i], incoming = w[i], at_value = v[i];                                                \
                dv[i] = incoming * nl_formula_##path(u NL_FLOATS) NL_HX_##path(at_value);                                                     \
                dg[i] = incoming * NL_H_##path(at_value) * nl_formula_x_##path(u NL_FLOATS);                                        \
            }                                                                                                          \
        } else if (outside == m) {                                                                                     \
            _Pragma("omp simd") for (int i = 0; i < m; i++) {                                                          \
                const double u = g[i], incoming = w[i], at_value = v[i];                                               \
                dv[i] = (float)(incoming * nl_formula_w(u NL_DOUBLES) NL_HX_w(at_value));                                                \
                dg[i] = (float)(incoming * NL_H_w(at_value) * nl_formula_x_w(u NL_DOUBLES));                                   \
            }                                                                                                          \
        } else if (m > PART) {                                                                                         \
            for (int at = 0; at < m; at += PART) {                                                                     \
                nl_gradients_##path(dv + at, dg + at, v + at, g + at, w + at, m - at < PART ? m - at : PART, job);     \
            }                                                                                                          \
        } else {                                                                                                       \
            _Pragma("omp simd") for (int i = 0; i < m; i++) {                                                          \
                const float u = g[i], incoming = w[i], at_value = v[i];                                                \
                const int inside = (u >= low) & (u <= high) NL_VALUE_INSIDE(at_value, low, high);                                                           \
                const float a = incoming * nl_formula_##path(u NL_FLOATS) NL_HX_##path(at_value);                                             \
                const float b = (float)((double)incoming * nl_formula_w(u NL_DOUBLES) NL_HX_w(at_value));                                \
                const float c = incoming * NL_H_##path(at_value) * nl_formula_x_##path(u NL_FLOATS);                                \
                const float d = (float)((double)incoming * (double)NL_H_w(at_value) * nl_formula_x_w(u NL_DOUBLES));           \
                dv[i] = inside ? a : b;                                                                                \
                dg[i] = inside ? c : d;                                                                                \
            }                                                                                                          \
        }                                                                                                              \
        return outside;                                                                                                \
    }
NL_BY_ELEMENT(f)
NL_BY_ELEMENT(h)

/* Item k is piece k % pieces of row k / pieces. */
#define NL_PIECE(type)                                                                  \
    const int64_t row = k / job->pieces, at = k % job->pieces * BLOCK;                  \
    const int m = job->columns - at < BLOCK ? (int)(job->columns - at) : BLOCK;         \
    const type *value = (const type *)job->value + row * job->value_row + at;           \
    const type *gate = (const type *)job->gate + row * job->gate_row + at;              \
    type *out = (type *)job->out + row * job->out_row + at;

#define NL_GRADIENT_PIECE(type)                                                         \
    NL_PIECE(type)                                                                      \
    type *out_gate = (type *)job->out_gate + row * job->out_row + at;                   \
    const type *grad = (const type *)job->grad + (row * job->grad_row + at) * job->step;

/* A piece is first computed as if every gate lay inside the interval, noting the largest |gate|, as in pointwise_single.h;
   bfloat16 two by two, float16 as a block of floats. */
#define NL_PRODUCTS_ONE(dtype, path, i)                                                         \
    {                                                                                           \
        const float u = nl_load_##dtype(gate[i]), at_value = nl_load_##dtype(value[i]);         \
        NL_NOTE_BOTH(u, at_value)                                                               \
        out[i] = nl_store_##dtype(NL_H_##path(at_value) * nl_formula_##path(u NL_FLOATS));      \
    }
#define NL_GRADIENTS_ONE(dtype, path, i)                                                        \
    {                                                                                           \
        const float u = nl_load_##dtype(gate[i]), w = nl_load_##dtype(incoming[i]);             \
        const float at_value = nl_load_##dtype(value[i]);                                       \
        NL_NOTE_BOTH(u, at_value)                                                               \
        out[i] = nl_store_##dtype(w * nl_formula_##path(u NL_FLOATS) NL_HX_##path(at_value));   \
        out_gate[i] = nl_store_##dtype(w * NL_H_##path(at_value) * nl_formula_x_##path(u NL_FLOATS)); \
    }
#define NL_PRODUCTS_f32 NL_SIMD for (int i = 0; i < m; i++) NL_PRODUCTS_ONE(f32, f, i)
#define NL_GRADIENTS_f32 NL_SIMD for (int i = 0; i < m; i++) NL_GRADIENTS_ONE(f32, f, i)
#define NL_PRODUCTS_f16                                                                                                \
    float v[BLOCK], g[BLOCK], y[BLOCK];                                                                                \
    nl_load_block_f16(v, value, m);                                                                                    \
    nl_load_block_f16(g, gate, m);                                                                                     \
    NL_SIMD for (int i = 0; i < m; i++) {                                                                              \
        NL_NOTE_BOTH(g[i], v[i])                                                                                       \
        y[i] = NL_H_h(v[i]) * nl_formula_h(g[i] NL_FLOATS);                                                                    \
    }                                                                                                                  \
    nl_store_block_f16(out, y, m);
#define NL_GRADIENTS_f16                                                                                               \
    float v[BLOCK], g[BLOCK], w[BLOCK], dv[BLOCK], dg[BLOCK];                                                          \
    nl_load_block_f16(v, value, m);                                                                                    \
    nl_load_block_f16(g, gate, m);                                                                                     \
    nl_load_block_f16(w, incoming, m);                                                                                 \
    NL_SIMD for (int i = 0; i < m; i++) {                                                                              \
        NL_NOTE_BOTH(g[i], v[i])                                                                                       \
        dv[i] = w[i] * nl_formula_h(g[i] NL_FLOATS) NL_HX_h(v[i]);                                                                   \
        dg[i] = w[i] * NL_H_h(v[i]) * nl_formula_x_h(g[i] NL_FLOATS);                                                          \
    }                                                                                                                  \
    nl_store_block_f16(out, dv, m);                                                                                    \
    nl_store_block_f16(out_gate, dg, m);
#define NL_PRODUCTS_bf16                                                                                               \
    NL_SIMD for (int i = 0; i < m / 2; i++) {                                                                          \
        const uint32_t gates = nl_word(gate, i), values = nl_word(value, i);                                           \
        const float lower = nl_lower(gates), upper = nl_upper(gates), low_value = nl_lower(values), high_value = nl_upper(values); \
        NL_NOTE_BOTH(lower, low_value)                                                                                 \
        NL_NOTE_BOTH(upper, high_value)                                                                                \
        const float first = NL_H_h(low_value) * nl_formula_h(lower NL_FLOATS);                                         \
        nl_put_word(out, i, first, NL_H_h(high_value) * nl_formula_h(upper NL_FLOATS));                                \
    }                                                                                                                  \
    if (m % 2) NL_PRODUCTS_ONE(bf16, h, m - 1)
#define NL_GRADIENTS_bf16                                                                                              \
    NL_SIMD for (int i = 0; i < m / 2; i++) {                                                                          \
        const uint32_t gates = nl_word(gate, i), values = nl_word(value, i), grads = nl_word(incoming, i);             \
        const float lower = nl_lower(gates), upper = nl_upper(gates), w = nl_lower(grads), v = nl_upper(grads);        \
        const float low_value = nl_lower(values), high_value = nl_upper(values);                                       \
        NL_NOTE_BOTH(lower, low_value)                                                                                 \
        NL_NOTE_BOTH(upper, high_value)                                                                                \
        const float one = w * nl_formula_h(lower NL_FLOATS) NL_HX_h(low_value);                                        \
        nl_put_word(out, i, one, v * nl_formula_h(upper NL_FLOATS) NL_HX_h(high_value));                               \
        const float first = w * NL_H_h(low_value) * nl_formula_x_h(lower NL_FLOATS);                                   \
        nl_put_word(out_gate, i, first, v * NL_H_h(high_value) * nl_formula_x_h(upper NL_FLOATS));                     \
    }                                                                                                                  \
    if (m % 2) NL_GRADIENTS_ONE(bf16, h, m - 1)

#define NL_BY_PIECE(dtype, type, path)                                                                                 \
    static void nl_products_##dtype(int64_t begin, int64_t end, void *given) {                                         \
        const nl_job *job = given;                                                                                     \
        const int64_t reach = nl_reach(job->low, job->high);                                                           \
        int hopeful = reach >= 0;                                                                                      \
        NL_PARAMETERS(job->p)                                                                                          \
        for (int64_t k = begin; k < end; k++) {                                                                        \
            NL_PIECE(type)                                                                                             \
            const int over = out == value || out == gate;                                                              \
            if (reach == -1 || (hopeful && (!over || NL_MOST_OF_BOTH(dtype)))) {                            \
                uint32_t most = 0;                                                                                     \
                NL_PRODUCTS_##dtype                                                                                    \
                if (reach == -1 || most <= reach) continue;                                                            \
            }                                                                                                          \
            float v[BLOCK], g[BLOCK];                                                                                  \
            nl_load_block_##dtype(v, value, m);                                                                        \
            nl_load_block_##dtype(g, gate, m);                                                                         \
            hopeful = nl_products_##path(v, v, g, m, job) == 0;                                                        \
            nl_store_block_##dtype(out, v, m);                                                                         \
        }                                                                                                              \
    }                                                                                                                  \
    static void nl_gradients_##dtype(int64_t begin, int64_t end, void *given) {                                        \
        const nl_job *job = given;                                                                                     \
        const int64_t reach = nl_reach(job->low, job->high);                                                           \
        int hopeful = reach >= 0;                                                                                      \
        NL_PARAMETERS(job->p)                                                                                          \
        type same[BLOCK];                                                                                              \
        if (job->step == 0)                                                                                            \
            for (int i = 0; i < BLOCK; i++) same[i] = *(const type *)job->grad;                                        \
        for (int64_t k = begin; k < end; k++) {                                                                        \
            NL_GRADIENT_PIECE(type)                                                                                    \
            const type *incoming = job->step ? grad : same;                                                            \
            const int over = out == value || out == gate || out == incoming || out_gate == value || out_gate == gate ||\
                             out_gate == incoming;                                                                     \
            if (reach == -1 || (hopeful && (!over || NL_MOST_OF_BOTH(dtype)))) {                            \
                uint32_t most = 0;                                                                                     \
                NL_GRADIENTS_##dtype                                                                                   \
                if (reach == -1 || most <= reach) continue;                                                            \
            }                                                                                                          \
            float v[BLOCK], g[BLOCK], w[BLOCK];                                                                        \
            nl_load_block_##dtype(v, value, m);                                                                        \
            nl_load_block_##dtype(g, gate, m);                                                                         \
            nl_load_block_##dtype(w, incoming, m);                                                                     \
            hopeful = nl_gradients_##path(v, g, v, g, w, m, job) == 0;                                                 \
            nl_store_block_##dtype(out, v, m);                                                                         \
            nl_store_block_##dtype(out_gate, g, m);                                                                    \
        }                                                                                                              \
    }
NL_BY_PIECE(f32, float, f)
NL_BY_PIECE(bf16, uint16_t, h)
NL_BY_PIECE(f16, uint16_t, h)

#define NL_ENTRY(dtype)                                                                                                \
    EXPORT int32_t product_##dtype(void *out, const void *value, const void *gate, int64_t rows, int64_t columns,      \
                                   int64_t out_row, int64_t value_row, int64_t gate_row, const double *settings) {     \
        const int64_t pieces = (columns + BLOCK - 1) / BLOCK;                                                          \
        nl_job job = {out, 0, value, gate, 0, columns, pieces, out_row, value_row, gate_row, 0, 0, NL_SPAN(settings), settings + 2};\
        return nl_run(rows * pieces, NL_PIECES(columns), nl_products_##dtype, &job); \
    }                                                                                                                  \
    EXPORT int32_t gradients_##dtype(void *out, void *out_gate, const void *value, const void *gate,                   \
                                     const void *grad, int64_t rows, int64_t columns, int64_t out_row,                 \
                                     int64_t value_row, int64_t gate_row, int64_t grad_row, int64_t step, const double *settings) {\
        const int64_t pieces = (columns + BLOCK - 1) / BLOCK;                                                          \
        nl_job job = {out,     out_gate,  value,    gate,     grad, columns, pieces,                                   \
                      out_row, value_row, gate_row, grad_row, step, NL_SPAN(settings), settings + 2};                  \
        return nl_run(rows * pieces, NL_PIECES(columns), nl_gradients_##dtype, &job);\
    }
NL_ENTRY(f32)
NL_ENTRY(bf16)
NL_ENTRY(f16)
