/* Square roots of u^2 and a constant, for one type T: one root each, branch-free. Far out, where u^2 would overflow, double has
   the root's limit, and float leaves it to double. v, the constant, is positive and of moderate size. */

#undef NL_BEYOND
#if NL_PRECISION == NL_IN_DOUBLE || NL_PRECISION == NL_IN_WIDE
#define NL_BEYOND(u, limit) (NL(abs)(u) > limit)
#else
#define NL_BEYOND(u, limit) 0
#endif

/* sqrt(u^2 + v) */
INLINE T NL(hypotenuse)(T u, T v) {
    const T root = NL(sqrt)(NL_FMA(u, u, v));
    return NL_BEYOND(u, 0x1p511) ? NL(abs)(u) : root;
}

/* 1/sqrt(1 + v u^2) where u^2 does not overflow. Cubes of it are derivatives: in float64 a step of Newton's takes back what the
   sum and the root were rounded by. */
INLINE T NL(inverse_root_near)(T u, T v) {
    const T p = v * u, w = NL_FMA(p, u, C(1)), y = C(1) / NL(sqrt)(w);
#if NL_COMPENSATED
    const T t = p * u, part = w - C(1), low = (t - part) + (C(1) - (w - part)), s = y * y;
    const T rest = low + NL_FMA(NL_FMA(v, u, -p), u, NL_FMA(p, u, -t));
    return NL_FMA(C(0.5) * y, (NL_FMA(-w, s, C(1)) - w * NL_FMA(y, y, -s)) - rest * s, y);
#else
    return y;
#endif
}

INLINE T NL(inverse_root)(T u, T v) {
    const T near = NL(inverse_root_near)(u, v);
    return NL_BEYOND(u, 0x1p400) ? C(1) / NL(sqrt)(v) / NL(abs)(u) : near;
}

/* u/sqrt(1 + v u^2) */
INLINE T NL(isru)(T u, T v) {
#if NL_COMPENSATED
    const T near = u * NL(inverse_root_near)(u, v);
#else
    const T near = u / NL(sqrt)(NL_FMA(v * u, u, C(1)));
#endif
    return NL_BEYOND(u, 0x1p400) ? (u > C(0) ? C(1) : C(-1)) / NL(sqrt)(v) : near;
}

/* sqrt(1 + u^2) - 1 */
INLINE T NL(pseudo_huber)(T u) {
    const T a = NL(abs)(u), y = a / (C(1) + NL(sqrt)(NL_FMA(u, u, C(1)))) * a;
    return NL_BEYOND(u, 0x1p511) ? a : y;
}

/* (u + sqrt(u^2 + v))/2, and v/2 over |u| + the root where the two would cancel */
INLINE T NL(squareplus)(T u, T v) {
    const T y = NL_FMA(C(0.5), NL(hypotenuse)(u, v), C(0.5) * NL(abs)(u)), below = C(0.25) * v / y;
    return u < C(0) ? below : y;
}

/* its derivative, (1 + u/sqrt(u^2 + v))/2 */
INLINE T NL(squareplus_slope)(T u, T v) {
    const T h = NL(hypotenuse)(u, v), y = C(0.5) * v / (h * (h + NL(abs)(u)));
    return u < C(0) ? y : C(1) - y;
}
