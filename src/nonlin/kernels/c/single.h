/* What the loops over float32, bfloat16 and float16 share: the interval of the float path, and 16-bit blocks. */

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

#define NL_BLOCKS(dtype)                                                   \
    INLINE void nl_load_block_##dtype(float *y, const uint16_t *x, int m) { \
        _Pragma("omp simd") for (int i = 0; i < m; i++) y[i] = nl_load_##dtype(x[i]);   \
    }                                                                      \
    INLINE void nl_store_block_##dtype(uint16_t *y, const float *x, int m) { \
        _Pragma("omp simd") for (int i = 0; i < m; i++) y[i] = nl_store_##dtype(x[i]);  \
    }
NL_BLOCKS(bf16)
NL_BLOCKS(f16)
