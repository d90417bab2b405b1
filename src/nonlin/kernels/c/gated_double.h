/* Loops over float64: y = h(value) * f(gate), and both gradients in one pass; h and rows as in gated_single.h. */

typedef struct {
    double *out, *out_gate;
    const double *value, *gate, *grad;
    int64_t columns, pieces;
    int64_t out_row, value_row, gate_row, grad_row, step;
    const double *p;
} nl_job;

#define NL_PIECE                                                            \
    const int64_t row = k / job->pieces, at = k % job->pieces * BLOCK;      \
    const int m = job->columns - at < BLOCK ? (int)(job->columns - at) : BLOCK; \
    const double *v = job->value + row * job->value_row + at;               \
    const double *g = job->gate + row * job->gate_row + at;                 \
    double *y = job->out + row * job->out_row + at;

static void nl_products(int64_t begin, int64_t end, void *given) {
    const nl_job *job = given;
    NL_PARAMETERS(job->p)
    for (int64_t k = begin; k < end; k++) {
        NL_PIECE
#pragma omp simd
        for (int i = 0; i < m; i++) y[i] = NL_H_d(v[i]) * nl_formula_d(g[i] NL_DOUBLES);
    }
}

static void nl_gradients(int64_t begin, int64_t end, void *given) {
    const nl_job *job = given;
    NL_PARAMETERS(job->p)
    for (int64_t k = begin; k < end; k++) {
        NL_PIECE
        double *y_gate = job->out_gate + row * job->out_row + at;
        const double *w = job->grad + (row * job->grad_row + at) * job->step;
        const int64_t step = job->step;
#pragma omp simd
        for (int i = 0; i < m; i++) {
            const double u = g[i], incoming = w[i * step], at_value = v[i];
            y[i] = incoming * nl_formula_d(u NL_DOUBLES) NL_HX_d(at_value);
            y_gate[i] = incoming * NL_H_d(at_value) * nl_formula_x_d(u NL_DOUBLES);
        }
    }
}

EXPORT int32_t product_f64(void *out, const void *value, const void *gate, int64_t rows, int64_t columns, int64_t out_row,
                           int64_t value_row, int64_t gate_row, const double *settings) {
    const int64_t pieces = (columns + BLOCK - 1) / BLOCK;
    nl_job job = {out, 0, value, gate, 0, columns, pieces, out_row, value_row, gate_row, 0, 0, settings + 2};
    return nl_run(rows * pieces, NL_PIECES(columns), nl_products, &job);
}

EXPORT int32_t gradients_f64(void *out, void *out_gate, const void *value, const void *gate, const void *grad, int64_t rows,
                             int64_t columns, int64_t out_row, int64_t value_row, int64_t gate_row, int64_t grad_row,
                             int64_t step, const double *settings) {
    const int64_t pieces = (columns + BLOCK - 1) / BLOCK;
    nl_job job = {out, out_gate, value, gate, grad, columns, pieces, out_row, value_row, gate_row, grad_row, step, settings + 2};
    return nl_run(rows * pieces, NL_PIECES(columns), nl_gradients, &job);
}
