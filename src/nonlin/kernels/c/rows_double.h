/* Rows of float64, in buffers of their own. */

INLINE double nl_load_f64(double u) { return u; }
INLINE double nl_store_f64(double u) { return u; }
NL_ROW_MOVES(f64, double, double)
