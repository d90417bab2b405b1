/* sin and cos of any double: vector code up to NL_TRIG_LIMIT, libm beyond it. Loops that call these stay scalar; the float
   path, which serves float32 and 16 bit up to its measured interval, does not call them. */

INLINE double nl_sin_any_d(double u) { return __builtin_fabs(u) <= NL_TRIG_LIMIT ? nl_sin_d(u) : nl_sin_slow_d(u); }

INLINE double nl_cos_any_d(double u) { return __builtin_fabs(u) <= NL_TRIG_LIMIT ? nl_cos_d(u) : nl_cos_slow_d(u); }

#define nl_sin_d nl_sin_any_d
#define nl_cos_d nl_cos_any_d
#define nl_sin_w nl_sin_any_d
#define nl_cos_w nl_cos_any_d
