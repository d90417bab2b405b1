/* The float path against the double path at consecutive bit patterns: the worst error in ULP and where. Appended to a
   pointwise single-precision source. order 0: f; 1: f', in units of max(|f'|, |x f''|). */

static double nl_unit(double size) { /* the spacing of float32 at size */
    uint64_t bits;
    memcpy(&bits, &size, sizeof bits);
    int64_t exponent = (int64_t)(bits >> 52 & 0x7ff) - 1023;
    if (exponent < -126) exponent = -126;
    const uint64_t unit = (uint64_t)(exponent - 23 + 1023) << 52;
    double u;
    memcpy(&u, &unit, sizeof u);
    return u;
}

EXPORT void nl_worst(uint32_t first, uint32_t last, int64_t order, const double *settings, double *worst, float *where) {
    NL_PARAMETERS(settings + 2)
    const float low = (float)settings[0], high = (float)settings[1];
    double found = 0;
    uint32_t at = first;
    for (uint64_t start = first; start <= last; start += 65536) {
        const int m = last - start < 65536 ? (int)(last - start + 1) : 65536;
        double most = 0;
#pragma omp simd reduction(max : most)
        for (int i = 0; i < m; i++) {
            const float x = nl_from_bits_f((uint32_t)start + (uint32_t)i);
            const float fast = order ? nl_formula_x_f(x NL_FLOATS) : nl_formula_f(x NL_FLOATS);
            const double true_value = order ? nl_formula_x_w(x NL_DOUBLES) : nl_formula_w(x NL_DOUBLES);
            const double moved = order ? nl_formula_x_w((double)(x * (1.0f + 0x1p-12f)) NL_DOUBLES) : true_value;
            const double local = __builtin_fabs(moved - true_value) * 0x1p12, plain = __builtin_fabs(true_value);
            const double error = __builtin_fabs((double)fast - true_value) / nl_unit(local > plain && local < 1e300 ? local : plain);
            const double counted = ((x >= low) & (x <= high)) ? error : 0;
            most = counted > most ? counted : most;
        }
        if (most > found) found = most, at = (uint32_t)start;
    }
    *worst = found;
    *where = nl_from_bits_f(at); /* the first of the 65,536 among which it is */
}
