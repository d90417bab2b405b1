/* What the loops over float32, bfloat16 and float16 share: the interval of the float path, and 16-bit blocks.

   float32 results come from the instance `f` of the formula, 16-bit ones from `h`. */

#define PART 128 /* a block with a few elements outside the interval is searched in parts for where they are */

/* How many of m elements lie outside the float path's interval. */
INLINE int nl_outside(const float *x, int m, float low, float high) {
    if (low == -__builtin_inff() && high == __builtin_inff()) return 0;
    if (low > high) return m;
    int outside = 0;
#pragma omp simd reduction(+ : outside)
    for (int i = 0; i < m; i++) outside += !((x[i] >= low) & (x[i] <= high));
    return outside;
}

/* |u| as an integer, which orders as |u| does, NaN last: its maximum over a block costs nothing beside the arithmetic. */
INLINE uint32_t nl_magnitude(float u) { return nl_bits_f(u) & 0x7fffffff; }

/* The largest magnitude up to which both signs lie within the interval; -1: all do. */
INLINE int64_t nl_reach(float low, float high) {
    if (low > 0.0f || high < 0.0f || low > high) return -2;
    if (low == -__builtin_inff() && high == __builtin_inff()) return -1;
    return nl_magnitude(-low < high ? low : high);
}

INLINE float nl_load_f32(float u) { return u; }

INLINE float nl_store_f32(float u) { return u; }

/* The largest magnitude among m elements: what has to be known first where a result is written over an operand. */
#define NL_MOST(dtype, type, mask)                                                            \
    INLINE uint32_t nl_most_##dtype(const type *x, int64_t m) {                               \
        type most = 0;                                                                        \
        _Pragma("omp simd reduction(max : most)") for (int64_t i = 0; i < m; i++) {           \
            const type size = x[i] & mask;                                                    \
            most = size > most ? size : most;                                                 \
        }                                                                                     \
        return nl_magnitude(nl_load_##dtype(most));                                           \
    }
NL_MOST(bf16, uint16_t, 0x7fff)
NL_MOST(f16, uint16_t, 0x7fff)

INLINE uint32_t nl_most_f32(const float *x, int64_t m) {
    uint32_t most = 0;
#pragma omp simd reduction(max : most)
    for (int64_t i = 0; i < m; i++) {
        const uint32_t size = nl_magnitude(x[i]);
        most = size > most ? size : most;
    }
    return most;
}

#define NL_BLOCKS(dtype, type)                                                      \
    INLINE void nl_load_rest_##dtype(float *y, const type *x, int i, int m) {             \
        _Pragma("omp simd") for (int k = i; k < m; k++) y[k] = nl_load_##dtype(x[k]);     \
    }                                                                                     \
    INLINE void nl_store_rest_##dtype(type *y, const float *x, int i, int m) {            \
        _Pragma("omp simd") for (int k = i; k < m; k++) y[k] = nl_store_##dtype(x[k]);    \
    }
NL_BLOCKS(f32, float)
NL_BLOCKS(bf16, uint16_t)
NL_BLOCKS(f16, uint16_t)

INLINE void nl_load_block_f32(float *y, const float *x, int m) { nl_load_rest_f32(y, x, 0, m); }

INLINE void nl_store_block_f32(float *y, const float *x, int m) { nl_store_rest_f32(y, x, 0, m); }

INLINE void nl_load_block_bf16(float *y, const uint16_t *x, int m) { nl_load_rest_bf16(y, x, 0, m); }

INLINE void nl_store_block_bf16(uint16_t *y, const float *x, int m) { nl_store_rest_bf16(y, x, 0, m); }

/* float16 by the processor's own conversion where GCC can name it: relu at 131,072 elements, 1 thread, AMD EPYC with AVX-512,
   16 us instead of 67. It rounds and treats subnormal numbers and NaN as half.h does. */
#if defined(__F16C__) && defined(__GNUC__) && !defined(__clang__)
#ifdef __AVX512F__
#define NL_WIDTH 16
#define NL_WIDENED(h) __builtin_ia32_vcvtph2ps512_mask(h, (nl_floats){0}, -1, 4)
#define NL_NARROWED(f) __builtin_ia32_vcvtps2ph512_mask(f, 0, (nl_halves){0}, -1)
#else
#define NL_WIDTH 8
#define NL_WIDENED(h) __builtin_ia32_vcvtph2ps256(h)
#define NL_NARROWED(f) __builtin_ia32_vcvtps2ph256(f, 0)
#endif
typedef float nl_floats __attribute__((vector_size(4 * NL_WIDTH)));
typedef short nl_halves __attribute__((vector_size(2 * NL_WIDTH)));
#define NL_CONVERT(y, x, m, from, to, convert)    \
    for (; i + NL_WIDTH <= m; i += NL_WIDTH) {    \
        from given;                               \
        memcpy(&given, x + i, sizeof given);      \
        const to made = (to)convert(given);       \
        memcpy(y + i, &made, sizeof made);        \
    }
#else
#define NL_CONVERT(y, x, m, from, to, convert)
#endif

INLINE void nl_load_block_f16(float *y, const uint16_t *x, int m) {
    int i = 0;
    NL_CONVERT(y, x, m, nl_halves, nl_floats, NL_WIDENED)
    nl_load_rest_f16(y, x, i, m);
}

INLINE void nl_store_block_f16(uint16_t *y, const float *x, int m) {
    int i = 0;
    NL_CONVERT(y, x, m, nl_floats, nl_halves, NL_NARROWED)
    nl_store_rest_f16(y, x, i, m);
}

/* `most` becomes the largest magnitude so far. */
#define NL_NOTE(u)                             \
    {                                          \
        const uint32_t size = nl_magnitude(u); \
        most = size > most ? size : most;      \
    }

/* Whichever half of a word comes first in memory does not matter: both are treated alike. */
#define NL_SIMD _Pragma("omp simd reduction(max : most)")
