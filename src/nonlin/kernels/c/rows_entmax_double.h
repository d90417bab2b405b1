/* The entmax family on rows of float64: what rows_entmax.h is written in. */

typedef double nl_row_t;
#define NL_PATH(name) nl_##name##_d
#define NL_ROW_EXP nl_exp_d
#define NL_ROW_LOG nl_log_d
#define NL_ROW_LOG1P nl_log1p_d
#define NL_ROW_EXPM1 nl_expm1_d
