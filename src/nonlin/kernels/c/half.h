/* bfloat16 and float16 as bit patterns: to float32, exact, and back, rounded to nearest even; NaN stays NaN.

   Integer code that GCC turns into vector code; it converts no _Float16 vectors without AVX512-FP16. */

INLINE float nl_load_bf16(uint16_t h) {
    const uint32_t bits = (uint32_t)h << 16;
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

INLINE uint16_t nl_store_bf16(float f) {
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    const uint32_t even = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
    return (uint16_t)((bits & 0x7fffffff) > 0x7f800000 ? (bits >> 16) | 0x40 : even);
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
