/* bfloat16 and float16 as bit patterns: to float32, exact, and back, rounded to nearest even; NaN stays NaN.

   Integer code that GCC turns into vector code; it converts no _Float16 vectors without AVX512-FP16. */

INLINE float nl_load_bf16(uint16_t h) {
    const uint32_t bits = (uint32_t)h << 16;
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

/* Two neighbours at a time as one word: neither widening nor packing (relu alone at 131,072 elements, 1 thread, AMD EPYC
   with AVX-512: 13 us instead of 16). */

INLINE uint32_t nl_word(const uint16_t *x, int64_t i) {
    uint32_t word;
    memcpy(&word, x + 2 * i, sizeof word);
    return word;
}

INLINE float nl_upper(uint32_t word) {
    const uint32_t bits = word & 0xffff0000;
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

INLINE float nl_lower(uint32_t word) { return nl_upper(word << 16); }

/* The bfloat16 in the upper half, the lower half undefined. */
INLINE uint32_t nl_rounded_bf16(float f) {
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    bits = f != f ? 0x7fc00000 : bits; /* one NaN for all: keeping each costs three operations more */
    return bits + 0x7fff + ((bits >> 16) & 1);
}

INLINE uint16_t nl_store_bf16(float f) { return (uint16_t)(nl_rounded_bf16(f) >> 16); }

INLINE void nl_put_word(uint16_t *y, int64_t i, float lower, float upper) {
    const uint32_t word = (nl_rounded_bf16(upper) & 0xffff0000) | (nl_rounded_bf16(lower) >> 16);
    memcpy(y + 2 * i, &word, sizeof word);
}

INLINE float nl_load_f16(uint16_t h) {
    const uint32_t magnitude = h & 0x7fff, sign = (uint32_t)(h & 0x8000) << 16;
    const float subnormal = (float)(int32_t)magnitude * 0x1p-24f; /* below 2^-14 the pattern counts units of 2^-24 */
    uint32_t small;
    memcpy(&small, &subnormal, sizeof small);
    const uint32_t bias = magnitude >= 0x7c00 ? 224u << 23 : 112u << 23; /* infinity and NaN keep the highest exponent */
    const uint32_t bits = sign | (magnitude < 0x400 ? small : (magnitude << 13) + bias);
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

INLINE uint16_t nl_store_f16(float f) {
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    const uint32_t magnitude = bits & 0x7fffffff;
    const float shifted = __builtin_fabsf(f) + 0.5f; /* 0.5 has units of 2^-24: the addition rounds to them */
    uint32_t small;
    memcpy(&small, &shifted, sizeof small);
    const uint32_t normal = (magnitude - (112u << 23) + 0xfff + ((magnitude >> 13) & 1)) >> 13;
    const uint32_t finite = magnitude < 0x38800000 ? small - 0x3f000000 : normal;
    const uint32_t large = magnitude > 0x7f800000 ? 0x7e00 | ((magnitude >> 13) & 0x3ff) : 0x7c00; /* from 65520 on */
    return (uint16_t)(((bits >> 16) & 0x8000) | (magnitude >= 0x477ff000 ? large : finite));
}
