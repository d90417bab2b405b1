/* The entmax family on rows of float: what rows_entmax.h is written in. Arithmetic in double to 2^-44, rounded once. */

typedef float nl_row_t;
#define NL_PATH(name) nl_##name##_f
#define NL_ROW_EXP nl_exp_w
#define NL_ROW_LOG nl_log_w
#define NL_ROW_LOG1P nl_log1p_w
#define NL_ROW_EXPM1 nl_expm1_w
