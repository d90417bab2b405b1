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

#define NL_BLOCKS(dtype, type)                                                         \
    INLINE void nl_load_block_##dtype(float *y, const type *x, int m) {                \
        _Pragma("omp simd") for (int i = 0; i < m; i++) y[i] = nl_load_##dtype(x[i]);  \
    }                                                                                  \
    INLINE void nl_store_block_##dtype(type *y, const float *x, int m) {               \
        _Pragma("omp simd") for (int i = 0; i < m; i++) y[i] = nl_store_##dtype(x[i]); \
    }
NL_BLOCKS(f32, float)
NL_BLOCKS(bf16, uint16_t)
NL_BLOCKS(f16, uint16_t)
