/* Entries for parameters that are tensors, and the last step of their gradients: the pieces' sums, in order. */

/* total[j * channels + c] = sum of the pieces that belong to channel c. */
static void nl_total(double *total, const nl_learned *job, int64_t count) {
    memset(total, 0, sizeof(double) * NL_LEARNED * job->channels);
    for (int64_t k = 0; k < count; k++)
        for (int64_t j = 0; j < NL_LEARNED; j++) {
            if (job->varying)
                for (int64_t c = 0; c < job->channels; c++)
                    total[j * job->channels + c] += job->partial[(k * NL_LEARNED + j) * job->channels + c];
            else
                total[j * job->channels + k / job->pieces % job->channels] += job->partial[k * NL_LEARNED + j];
        }
}

/* How many pieces the sums come in, to size `partial` by. */
EXPORT int64_t sum_pieces(int64_t rows, int64_t columns, int64_t channels, int64_t varying) {
    return varying ? (rows + ROWS - 1) / ROWS * channels : rows * ((columns + BLOCK - 1) / BLOCK);
}

#define NL_LEARNED_ENTRY(dtype)                                                                                       \
    EXPORT int32_t learned_values_##dtype(void *out, const void *x, const void *list, int64_t rows, int64_t columns,  \
                                          int64_t channels, int64_t varying, const double *settings) {                 \
        const int64_t pieces = (columns + BLOCK - 1) / BLOCK;                                                         \
        nl_learned job = {out, x, 0, list, 0, rows, columns, channels, pieces, varying, 0, NL_SPAN(settings)};                \
        return nl_run(rows * pieces, NL_PIECES(columns),                             \
                      nl_learned_values_##dtype, &job);                                                               \
    }                                                                                                                 \
    EXPORT int32_t learned_slopes_##dtype(void *out, const void *x, const void *grad, const void *list, int64_t step, \
                                          int64_t rows, int64_t columns, int64_t channels, int64_t varying, const double *settings) {                                                               \
        const int64_t pieces = (columns + BLOCK - 1) / BLOCK;                                                         \
        nl_learned job = {out, x, grad, list, 0, rows, columns, channels, pieces, varying, step, NL_SPAN(settings)};          \
        return nl_run(rows * pieces, NL_PIECES(columns),                             \
                      nl_learned_slopes_##dtype, &job);                                                               \
    }                                                                                                                 \
    EXPORT int32_t learned_sums_##dtype(void *total, void *partial, const void *x, const void *grad, const void *list, \
                                        int64_t step, int64_t rows, int64_t columns, int64_t channels,                \
                                        int64_t varying, const double *settings) {                                     \
        const int64_t pieces = (columns + BLOCK - 1) / BLOCK;                                                         \
        nl_learned job = {0, x, grad, list, partial, rows, columns, channels, pieces, varying, step, NL_SPAN(settings)};      \
        const int64_t count = varying ? (rows + ROWS - 1) / ROWS : rows * pieces;                                     \
        const int64_t size = varying ? ROWS * columns : columns < BLOCK ? columns + 1 : BLOCK;                        \
        const int32_t failed = nl_run(count, GRAIN / (size + 1) + 1, nl_learned_sums_##dtype, &job);                  \
        nl_total(total, &job, count);                                                                                 \
        return failed;                                                                                                \
    }
