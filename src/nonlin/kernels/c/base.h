/* What every kernel needs: types, inlining, and the loop over torch's own threads. */
#include <stdint.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline, unused))
#define EXPORT __attribute__((visibility("default")))
#define BLOCK 2048 /* elements that are worked on while they lie in the first-level cache */

/* An entry's settings: the interval of the float path (low, high), then the formula's parameters. */
#define NL_SPAN(settings) (float)(settings)[0], (float)(settings)[1]

/* torch_parallel_for of libtorch's stable C interface: a second OpenMP runtime would fight the first for the cores. */
typedef void (*nl_task)(int64_t begin, int64_t end, void *job);
typedef int32_t (*nl_loop)(int64_t begin, int64_t end, int64_t grain, nl_task task, void *job);
static nl_loop nl_parallel_for = 0;

EXPORT void nonlin_bind(void *parallel_for) { nl_parallel_for = (nl_loop)parallel_for; }

/* How many pieces of rows, at most BLOCK elements each, make a thread's share. */
#define NL_PIECES(columns) (GRAIN / ((columns) < BLOCK ? (columns) + 1 : BLOCK) + 1)

/* task(begin, end, job) over 0..n: in one piece, or in pieces of at least `grain` on torch's threads. */
static int32_t nl_run(int64_t n, int64_t grain, nl_task task, void *job) {
    if (n <= 0) return 0;
    if (nl_parallel_for && n > grain) return nl_parallel_for(0, n, grain, task, job);
    task(0, n, job);
    return 0;
}

/* What a formula is compiled for: float, double, double whose result becomes float, float whose result becomes 16 bit. */
#define NL_IN_FLOAT 0
#define NL_IN_DOUBLE 1
#define NL_IN_WIDE 2
#define NL_IN_SHORT 3
