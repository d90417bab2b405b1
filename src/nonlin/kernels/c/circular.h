/* sin and cos of any double, branch-free: loops that call them are vectorised, whatever x is.

   Up to NL_TRIG_LIMIT pi/2 is subtracted in three parts (Cody & Waite, Software Manual for the Elementary Functions, 1980);
   beyond, 2/pi is multiplied, of which only the digits that matter for a number of this size are kept (Payne & Hanek, Radian
   Reduction for Trigonometric Functions, 1983): a table of them by exponent, made when the library is loaded. */

#define NL_TRIG_LIMIT 0x1p30

/* 2/pi: 0. and these binary digits */
static const uint64_t nl_two_over_pi[20] = {
    0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041, 0xfe5163abdebbc561, 0xb7246e3a424dd2e0,
    0x06492eea09d1921c, 0xfe1deb1cb129a73e, 0xe88235f52ebb4484, 0xe99c7026b45f7e41, 0x3991d639835339f4,
    0x9c845f8bbdf9283b, 0x1ff897ffde05980f, 0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7, 0x4f463f669e5fea2d,
    0x7527bac7ebe5f17b, 0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08, 0x56033046fc7b6bab, 0xf0cfbc209af4361d};

#define NL_TURNS 1024 /* exponents from 2^1 on; a number below NL_TRIG_LIMIT takes any */
static double nl_turns[NL_TURNS][3];

/* count <= 53 digits of 2/pi from the one numbered from on, as a whole number; those before its first are 0. */
static uint64_t nl_digits(int from, int count) {
    uint64_t found = 0;
    for (int i = from; i < from + count; i++)
        found = found << 1 | (i < 0 ? 0 : (nl_two_over_pi[i >> 6] >> (63 - (i & 63))) & 1);
    return found;
}

/* (2/pi 2^(e - 52)) mod 4 as three numbers of 53 digits each: what a whole number of 53 digits, u 2^(52 - e), multiplies. */
__attribute__((constructor)) static void nl_make_turns(void) {
    for (int e = 0; e < NL_TURNS; e++)
        for (int part = 0; part < 3; part++) {
            const int from = e - 54 + 53 * part;
            nl_turns[e][part] = __builtin_ldexp((double)nl_digits(from, 53), 2 - 53 * (part + 1));
        }
}

/* u 2/pi mod 4, from -6 to 6, for |u| >= 1 */
INLINE nl_twice_d nl_turns_of_d(double u) {
    const uint64_t bits = nl_bits_d(u);
    const int64_t e = (int64_t)((bits >> 52) & 0x7ff) - 1023, at = e < 0 ? 0 : (e > 1023 ? 1023 : e);
    const double m = nl_from_bits_d((bits & 0x800fffffffffffff) | 0x4330000000000000);
    const double a = m * nl_turns[at][0], b = m * nl_turns[at][1];
    const nl_twice_d first = nl_two_sum_d(a - 4.0 * __builtin_rint(0.25 * a), NL_FMA_D(m, nl_turns[at][0], -a));
    nl_twice_d sum = nl_two_sum_d(first.high, b);
    sum.low += first.low + (NL_FMA_D(m, nl_turns[at][1], -b) + m * nl_turns[at][2]);
    return sum;
}

typedef struct {
    uint64_t quadrant;
    double high, low;
} nl_angle;

/* u + rest = quadrant pi/2 + high + low. rest: what rounding took from u, itself many turns where u is far. */
INLINE nl_angle nl_reduced_d(double u, double rest) {
    const double t = NL_FMA_D(u, 0.6366197723675814, 0x1.8p52), n = t - 0x1.8p52, product = n * 0x1.1a62633145c07p-54;
    nl_twice_d near = nl_two_sum_d(NL_FMA_D(-n, 0x1.921fb54442d18p+0, u), -product);
    near.low += n * 0x1.f1976b7ed8fbcp-110 - NL_FMA_D(n, 0x1.1a62633145c07p-54, -product);
    near = nl_two_sum_d(near.high, near.low + rest);

    const nl_twice_d more = nl_turns_of_d(rest), turns = nl_turns_of_d(u);
    const int much = __builtin_fabs(rest) >= 1.0;
    const nl_twice_d sum = nl_two_sum_d(turns.high, much ? more.high : rest * 0.6366197723675814);
    const double turn = __builtin_rint(sum.high);
    const nl_twice_d f = nl_two_sum_d(sum.high - turn, sum.low + (turns.low + (much ? more.low : 0.0)));
    const double far = f.high * 0x1.921fb54442d18p+0;
    const double far_low = NL_FMA_D(f.high, 0x1.921fb54442d18p+0, -far) + NL_FMA_D(f.high, 0x1.1a62633145c07p-54, f.low * 0x1.921fb54442d18p+0);

    const int large = __builtin_fabs(u) > NL_TRIG_LIMIT;
    return (nl_angle){nl_bits_d(large ? turn + 0x1.8p52 : t), large ? far : near.high, large ? far_low : near.low};
}

/* sin(u + rest + quarters pi/2): both kernels on the remainder by pi/2, which is a pair, then a choice by the quadrant. */
INLINE double nl_circular_d(double u, double rest, uint64_t quarters) {
    const nl_angle r = nl_reduced_d(u, rest);
    const double w = r.high * r.high;
    const double odd = NL_P6_D(w, -0.1666666666666664, 0.008333333333323662, -0.00019841269830144393, 2.755731365185318e-06,
        -2.50507345710695e-08, 1.5894710581635027e-10);
    const double even = NL_P6_D(w, 0.04166666666666665, -0.001388888888888284, 2.4801587294628004e-05, -2.7557315738613277e-07,
        2.0875897738682843e-09, -1.1367981880469075e-11);
    const double sine = r.high + NL_FMA_D(r.high * w, odd, NL_FMA_D(-0.5 * w, r.low, r.low));
    const nl_twice_d one = nl_fast_two_sum_d(1.0, -0.5 * w);
    const double lost = NL_FMA_D(-r.high, r.low, -0.5 * NL_FMA_D(r.high, r.high, -w));
    const double cosine = one.high + (one.low + NL_FMA_D(w * w, even, lost));
    const uint64_t quadrant = r.quadrant + quarters;
    const double y = (quadrant & 1) ? cosine : sine;
    const double turned = nl_from_bits_d(nl_bits_d(y) ^ ((quadrant & 2) << 62));
    return turned * ((u - u) + 1.0); /* NaN of an infinite u */
}

/* sin(-0) = -0: its zero has a sign, which pairs lose. Put back by its bit: behind a branch the table's loads would be masked, which
   gcc makes no vector code of (cosine's value, 32,768 float32 elements, one thread, Intel Xeon: 37 ns an element before, 5.3 after). */
INLINE double nl_signed_zero_d(double y, double u) { return nl_from_bits_d(nl_bits_d(y) | (u == 0.0 ? nl_bits_d(u) : 0)); }

INLINE double nl_sin_d(double u) { return nl_signed_zero_d(nl_circular_d(u, 0.0, 0), u); }

INLINE double nl_cos_d(double u) { return nl_circular_d(u, 0.0, 1); }

/* Of a computed u and its rest, which is infinite where u has overflowed, NaN where x is infinite: the largest number's. */
INLINE double nl_sin_at_d(double u, double rest) {
    const int over = __builtin_fabs(rest) == NL_INFINITY_D;
    const double y = nl_circular_d(over ? __builtin_copysign(__DBL_MAX__, u) : u, over ? 0.0 : rest, 0);
    return nl_signed_zero_d(y, u);
}

INLINE double nl_cos_at_d(double u, double rest) {
    const int over = __builtin_fabs(rest) == NL_INFINITY_D;
    return nl_circular_d(over ? __DBL_MAX__ : u, over ? 0.0 : rest, 1);
}

#define nl_sin_w nl_sin_d
#define nl_cos_w nl_cos_d
#define nl_sin_at_w nl_sin_at_d
#define nl_cos_at_w nl_cos_at_d
