/* bfloat16 and float16 from and to float32: round to nearest even, NaN stays NaN. Integer code that becomes vector code;
   gcc 12 does not vectorise conversions of _Float16. */

INLINE uint32_t nl_bits_f(float u) {
    uint32_t bits;
    memcpy(&bits, &u, sizeof bits);
    return bits;
}

INLINE float nl_from_bits_f(uint32_t bits) {
    float u;
    memcpy(&u, &bits, sizeof u);
    return u;
}

INLINE float nl_load_bf16(uint16_t h) { return nl_from_bits_f((uint32_t)h << 16); }

INLINE uint16_t nl_store_bf16(float u) {
    const uint32_t bits = nl_bits_f(u);
    const uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
    return (uint16_t)((bits & 0x7fffffffu) > 0x7f800000u ? ((bits >> 16) | 0x40u) : rounded);
}

INLINE float nl_load_f16(uint16_t h) {
    const uint32_t sign = (uint32_t)(h & 0x8000u) << 16, magnitude = h & 0x7fffu;
    const uint32_t normal = (magnitude << 13) + (112u << 23); /* the exponent's bias is 127, not 15 */
    const uint32_t special = normal + (112u << 23);           /* infinity and NaN: an exponent of ones */
    const uint32_t subnormal = nl_bits_f(nl_from_bits_f(normal + (1u << 23)) - 0x1p-14f);
    const uint32_t bits = magnitude >= 0x7c00u ? special : (magnitude < 0x400u ? subnormal : normal);
    return nl_from_bits_f(bits | sign);
}

INLINE uint16_t nl_store_f16(float u) {
    const uint32_t bits = nl_bits_f(u), sign = bits & 0x80000000u, magnitude = bits ^ sign;
    const uint32_t special = magnitude > 0x7f800000u ? 0x7e00u : 0x7c00u;
    const uint32_t subnormal = nl_bits_f(nl_from_bits_f(magnitude) + 0.5f) - 0x3f000000u; /* the sum rounds to 2^-24 */
    const uint32_t normal = (magnitude - (112u << 23) + 0xfffu + ((magnitude >> 13) & 1u)) >> 13;
    const uint32_t half = magnitude >= 0x47800000u ? special : (magnitude < 0x38800000u ? subnormal : normal);
    return (uint16_t)(half | (sign >> 16));
}
