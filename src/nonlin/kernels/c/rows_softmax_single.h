/* Softmax, log-softmax and softmin of one row in float arithmetic.

   No entry has the maximum subtracted, which would round: exp(x) = 2^n (1 + less) is reduced from x itself, and 2^-N, N of
   the largest entry, is taken off the integer n. So p is within 1.2 ULP of float32 however far the entries lie apart. What
   the others sum to is kept apart from the largest entry, so that 1 - p and log(p) keep their digits when p is next to 1. */

#define NL_ROW_REACH 65536.0f /* up to this magnitude of the largest entry the reduction is exact; wider rows go in double */
#define NL_ROW_FAR 125.0f     /* what lies this far below the largest entry has no share that float32 could hold */
#define NL_ROW_LIFT 32        /* e is 2^32 times what it stands for: shares below 2^-126 are still summed as normal numbers */

/* What a row is measured by: the largest entry, the lowest that counts, N. */
typedef struct {
    float top, low;
    int32_t shift;
} nl_row_scale_f;

INLINE nl_row_scale_f nl_row_scale_of_f(float top) {
    const float t = NL_FMA_F(top, 0x1.715476p+0f, NL_LEAN_MAGIC);
    const nl_row_scale_f s = {top, top - NL_ROW_FAR, (int32_t)nl_bits_f(t) - 127 - NL_ROW_LIFT};
    return s;
}

/* exp(x) 2^(32 - N) = scale (1 + r + rest): r exact, its rest small, and not computed where it is known. NaN stays NaN. */
typedef struct {
    float r, rest, scale;
} nl_row_power_f;

INLINE nl_row_power_f nl_row_power_of_f(float x, nl_row_scale_f s, const int known, float rest) {
    const float u = x < s.low ? s.low : x;
    const float t = NL_FMA_F(u, 0x1.715476p+0f, NL_LEAN_MAGIC), n = t - NL_LEAN_MAGIC;
    const float r = NL_FMA_F(n, -0x1.62e430p-1f, u), more = n * 0x1.05c610p-29f, near = r + more; /* what ln2 lacks */
    const float q = NL_P5_F(near, 0.5f, 0x1.55548cp-3f, 0x1.55545ap-5f, 0x1.123dbep-7f, 0x1.6db770p-10f);
    const int32_t bits = (int32_t)nl_bits_f(t) - s.shift, held = bits < 0 ? 0 : bits;
    const nl_row_power_f p = {r, known ? rest : NL_FMA_F(near * near, q, more), nl_from_bits_f((uint32_t)held << 23)};
    return p;
}

INLINE double nl_row_exp_f(float x, nl_row_scale_f s) {
    const nl_row_power_f p = nl_row_power_of_f(x, s, 0, 0.0f);
    return (double)p.scale * (1.0 + ((double)p.r + (double)p.rest));
}

/* Sums of e over a row: over all entries, or, where `apart`, over those below the largest ones, which are counted. */
typedef struct {
    double sum;
    int64_t ties;
} nl_row_sum;

#define NL_KEEP_NOTHING 0
#define NL_KEEP_E 1
#define NL_KEEP_REST 2

/* `keep`: what is written to `e`. `negative`: of -x. Powers of 2 and what is beside them are summed each for itself: no rounding
   of e enters the sum. */
INLINE nl_row_sum nl_row_sum_f(
    float *e, const float *x, int64_t n, nl_row_scale_f s, const int negative, const int keep, const int apart) {
    nl_row_sum found = {0, 0};
    float kept[FEW];
    for (int64_t begin = 0; begin < n; begin += SUM_BLOCK) {
        const int64_t size = n - begin < SUM_BLOCK ? n - begin : SUM_BLOCK;
        float scales[FEW], beside[FEW];
        int32_t ties[FEW];
        NL_CLEAR(scales, FEW, 0);
        NL_CLEAR(beside, FEW, 0);
        NL_CLEAR(ties, FEW, 0);
#define NL_SUM_STEP(from, at, skip)                                                 \
    {                                                                               \
        float *to = keep ? (size < FEW ? kept : e + begin + (at)) : 0;              \
        for (int k = 0; k < FEW; k++) {                                             \
            const float u = negative ? -(from)[k] : (from)[k];                      \
            const nl_row_power_f v = nl_row_power_of_f(u, s, 0, 0.0f);              \
            const float less = v.r + v.rest;                                        \
            const int top = apart ? (u == s.top) & (k >= (skip)) : 0;               \
            const float scale = (apart && u == s.top) || k < (skip) ? 0.0f : v.scale; \
            if (keep) to[k] = keep == NL_KEEP_E ? NL_FMA_F(v.scale, less, v.scale) : v.rest; \
            scales[k] += scale;                                                     \
            beside[k] = NL_FMA_F(scale, less, beside[k]);                           \
            if (apart) ties[k] += top;                                              \
        }                                                                           \
    }
        NL_STEPS(float, FEW, x + begin, size, negative ? NL_INFINITY_F : -NL_INFINITY_F, NL_SUM_STEP)
        double sums[FEW];
        for (int k = 0; k < FEW; k++) sums[k] = (double)scales[k] + (double)beside[k];
        found.sum += nl_sum_16(sums);
        if (apart)
            for (int k = 0; k < FEW; k++) found.ties += ties[k];
        if (keep && size < FEW)
            for (int k = 0; k < size; k++) e[begin + k] = kept[k];
    }
    return found;
}

/* sum of g, or of p g and the largest p; in blocks as above. */
typedef struct {
    double sum;
    float top;
} nl_row_dots;

INLINE nl_row_dots nl_row_dot_f(const float *p, const float *g, int64_t n, const int weighted) {
    float tops[LANES];
    double sum = 0;
    NL_CLEAR(tops, LANES, 0);
    for (int64_t at = 0; at < n; at += SUM_BLOCK) {
        const int64_t end = n - at < SUM_BLOCK ? n : at + SUM_BLOCK;
        float lanes[LANES];
        NL_CLEAR(lanes, LANES, 0);
        int64_t i = at;
        for (; i + LANES <= end; i += LANES)
            for (int k = 0; k < LANES; k++) {
                lanes[k] = weighted ? NL_FMA_F(p[i + k], g[i + k], lanes[k]) : lanes[k] + g[i + k];
                if (weighted) tops[k] = p[i + k] > tops[k] ? p[i + k] : tops[k];
            }
        for (int k = 0; k < end - i; k++) {
            lanes[k] = weighted ? NL_FMA_F(p[i + k], g[i + k], lanes[k]) : lanes[k] + g[i + k];
            if (weighted) tops[k] = p[i + k] > tops[k] ? p[i + k] : tops[k];
        }
        double sums[16];
        for (int k = 0; k < 16; k++) sums[k] = (double)lanes[k] + (double)lanes[k + 16];
        sum += nl_sum_16(sums);
    }
    const nl_row_dots found = {sum, weighted ? nl_top_f(tops, LANES, 0) : 0.0f};
    return found;
}

/* Where a value first stands, n where it does not. */
INLINE int64_t nl_row_find_f(const float *x, int64_t n, float value) {
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        int found = 0;
        for (int k = 0; k < LANES; k++) found |= x[i + k] == value;
        if (found) break;
    }
    while (i < n && x[i] != value) i++;
    return i;
}

/* ---- rows beyond the reach of float: huge or infinite entries, and NaN; plain double ---- */

/* u of exp(u): entries of +inf share alike, a row of -inf alone is NaN. */
INLINE double nl_row_spread_w(float x, float top, const int negative) {
    const float v = negative ? -x : x;
    return v == NL_INFINITY_F ? 0.0 : (double)v - (double)top;
}

/* softmax(x) or its logarithm; or, where there is a g, the gradient of the latter. */
static __attribute__((noinline)) void nl_row_wide(
    float *y, const float *x, const float *g, int64_t n, float top, int negative, int logarithm) {
    double others = 0, rest_grad = 0;
    int64_t first = -1;
    for (int64_t i = 0; i < n; i++) {
        const int largest = first < 0 && (negative ? -x[i] : x[i]) == top;
        if (largest) first = i;
        others += largest ? 0.0 : nl_exp_w(nl_row_spread_w(x[i], top, negative));
        rest_grad += g && !largest ? (double)g[i] : 0.0;
    }
    if (first < 0) others = __builtin_nan("");
    const double total = 1.0 + others, less = nl_log1p_w(others), top_grad = g && first >= 0 ? (double)g[first] : 0.0;
    for (int64_t i = 0; i < n; i++) {
        const double u = nl_row_spread_w(x[i], top, negative), p = nl_exp_w(u) / total;
        if (g) y[i] = (float)(i == first ? top_grad * (others / total) - p * rest_grad : g[i] - p * (rest_grad + top_grad));
        else y[i] = (float)(logarithm ? u - less : p);
    }
}

/* ---- one row ---- */

#define NL_ROW_BEYOND(top) !(__builtin_fabsf(top) <= NL_ROW_REACH)

/* y holds the exponential's rest in between, not the exponential, which would be rounded: p is within 1.4 ULP instead of 2.3. */
INLINE void nl_softmax_any_f(float *y, const float *x, int64_t n, const int negative) {
    const float top = nl_top_f(x, n, negative);
    if (NL_ROW_BEYOND(top)) {
        nl_row_wide(y, x, 0, n, top, negative, 0);
        return;
    }
    const nl_row_scale_f s = nl_row_scale_of_f(top);
    const double inverse = 1.0 / nl_row_sum_f(y, x, n, s, negative, NL_KEEP_REST, 0).sum;
    const float high = (float)(inverse * 0x1p32), low = (float)(inverse * 0x1p32 - (double)high);
#pragma omp simd
    for (int64_t i = 0; i < n; i++) {
        const nl_row_power_f v = nl_row_power_of_f(negative ? -x[i] : x[i], s, 1, y[i]);
        y[i] = (high + NL_FMA_F(v.r, high, NL_FMA_F(v.rest, high, low))) * v.scale * 0x1p-32f;
    }
}

NL_ROW nl_softmax_row_f(float *y, const float *x, int64_t n, NL_UNUSED) {
    nl_softmax_any_f(y, x, n, 0);
}
NL_ROW nl_softmin_row_f(float *y, const float *x, int64_t n, NL_UNUSED) {
    nl_softmax_any_f(y, x, n, 1);
}

NL_ROW nl_log_softmax_row_f(float *y, const float *x, int64_t n, NL_UNUSED) {
    const float top = nl_top_f(x, n, 0);
    if (NL_ROW_BEYOND(top)) {
        nl_row_wide(y, x, 0, n, top, 0, 1);
        return;
    }
    const nl_row_scale_f s = nl_row_scale_of_f(top);
    const nl_row_sum others = nl_row_sum_f(0, x, n, s, 0, NL_KEEP_NOTHING, 1);
    const double largest = nl_row_exp_f(top, s);
    const float less = (float)nl_log1p_w((others.sum + (double)(others.ties - 1) * largest) / largest);
#pragma omp simd
    for (int64_t i = 0; i < n; i++) y[i] = (x[i] - top) - less;
}

/* p (g - sum of p g), from the output p. An entry that has over half gets p times the sum over the others of p (its g - g):
   what they sum to keeps the digits that 1 - p has lost. */
INLINE void nl_softmax_any_back_f(float *y, const float *p, const float *g, int64_t n, const int negative) {
    const nl_row_dots dots = nl_row_dot_f(p, g, n, 1);
    const float top = dots.top;
    double sum = dots.sum, at_top = 0;
    int64_t first = n;
    if (top > 0.5f) {
        double others = 0, weighted = 0;
        first = nl_row_find_f(p, n, top);
#pragma omp simd reduction(+ : others, weighted)
        for (int64_t i = 0; i < n; i++) {
            const double share = i == first ? 0.0 : (double)p[i];
            others += share;
            weighted += share * (double)g[i];
        }
        at_top = top * ((double)g[first] * others - weighted);
        sum = weighted + (double)top * (double)g[first];
    }
    const float mean = (float)sum;
    if (negative) {
#pragma omp simd
        for (int64_t i = 0; i < n; i++) y[i] = p[i] * (mean - g[i]);
    } else {
#pragma omp simd
        for (int64_t i = 0; i < n; i++) y[i] = p[i] * (g[i] - mean);
    }
    if (first < n) y[first] = (float)(negative ? -at_top : at_top);
}

NL_ROW nl_softmax_back_f(float *y, const float *x, const float *g, int64_t n, NL_UNUSED) {
    nl_softmax_any_back_f(y, x, g, n, 0);
}
NL_ROW nl_softmin_back_f(float *y, const float *x, const float *g, int64_t n, NL_UNUSED) {
    nl_softmax_any_back_f(y, x, g, n, 1);
}

/* g - p (sum of g), from the input, for the output has rounded away what p is: exp(y) is off by half of |y| ULP. The largest
   entry as above: g (1 - p) - p (sum of the others' g). */
NL_ROW nl_log_softmax_back_f(float *y, const float *x, const float *g, int64_t n, NL_UNUSED) {
    const float top = nl_top_f(x, n, 0);
    if (NL_ROW_BEYOND(top)) {
        nl_row_wide(y, x, g, n, top, 0, 1);
        return;
    }
    const nl_row_scale_f s = nl_row_scale_of_f(top);
    const nl_row_sum others = nl_row_sum_f(y, x, n, s, 0, NL_KEEP_E, 1);
    const double largest = nl_row_exp_f(top, s), total = others.sum + (double)others.ties * largest, share = largest / total;
    double sum = nl_row_dot_f(0, g, n, 0).sum, at_top = 0;
    int64_t first = n;
    if (share > 0.5) {
        double rest = 0;
        first = nl_row_find_f(x, n, top);
#pragma omp simd reduction(+ : rest)
        for (int64_t i = 0; i < n; i++) rest += i == first ? 0.0 : (double)g[i];
        at_top = (double)g[first] * (others.sum / total) - share * rest;
        sum = rest + (double)g[first];
    }
    const float factor = (float)(sum / total);
#pragma omp simd
    for (int64_t i = 0; i < n; i++) y[i] = NL_FMA_F(-y[i], factor, g[i]);
    if (first < n) y[first] = (float)at_top;
}
