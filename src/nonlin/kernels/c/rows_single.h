/* Rows of float32, bfloat16 and float16 in buffers of float. */

NL_ROW_MOVES(f32, float, float)
NL_ROW_MOVES(bf16, uint16_t, float)
NL_ROW_MOVES(f16, uint16_t, float)
