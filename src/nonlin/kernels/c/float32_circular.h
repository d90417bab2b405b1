/* sin and cos in float32, for arguments up to NL_TRIG_LIMIT.

   The remainder by pi/2 is taken in double, as its argument may be two floats and has to be right next to every zero; the
   polynomials are float's. */

/* sin(u + rest + quarters pi/2) */
INLINE float nl_circular_f(float u, float rest, uint64_t quarters) {
    const double whole = (double)u + (double)rest;
    const double t = NL_FMA_D(whole, 0.6366197723675814, 0x1.8p52), n = t - 0x1.8p52;
    const double angle = NL_FMA_D(-n, 0x1.1a62633145c07p-54, NL_FMA_D(-n, 0x1.921fb54442d18p+0, whole));
    const float high = (float)angle, low = (float)(angle - (double)high);
    const float w = high * high;
    const float odd = NL_P4_F(w, -0.16666667f, 0.00833338f, -0.00019853505f, 2.837394e-06f);
    const float even = NL_P3_F(w, 0.041666646f, -0.0013887301f, 2.4430668e-05f);
    const float sine = high + NL_FMA_F(high * w, odd, NL_FMA_F(-0.5f * w, low, low));
    const nl_twice_f one = nl_fast_two_sum_f(1.0f, -0.5f * w);
    const float lost = NL_FMA_F(-high, low, -0.5f * NL_FMA_F(high, high, -w));
    const float cosine = one.high + (one.low + NL_FMA_F(w * w, even, lost));
    const uint32_t quadrant = (uint32_t)(nl_bits_d(t) + quarters);
    const float y = (quadrant & 1) ? cosine : sine;
    const float turned = nl_from_bits_f(nl_bits_f(y) ^ ((quadrant & 2) << 30));
    return __builtin_fabsf(u) <= (float)NL_TRIG_LIMIT ? turned : __builtin_nanf("");
}

INLINE float nl_sin_at_f(float u, float rest) { return u == 0.0f ? u : nl_circular_f(u, rest, 0); }

INLINE float nl_cos_at_f(float u, float rest) { return nl_circular_f(u, rest, 1); }

INLINE float nl_sin_f(float u) { return nl_sin_at_f(u, 0.0f); }

INLINE float nl_cos_f(float u) { return nl_cos_at_f(u, 0.0f); }

#define nl_sin_h nl_sin_f
#define nl_cos_h nl_cos_f
#define nl_sin_at_h nl_sin_at_f
#define nl_cos_at_h nl_cos_at_f
