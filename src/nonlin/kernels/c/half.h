/* PROVISIONAL (libm): the owner of this header replaces the whole file. */
INLINE float nl_load_bf16(uint16_t h){uint32_t u=(uint32_t)h<<16;float f;memcpy(&f,&u,4);return f;}
INLINE uint16_t nl_store_bf16(float f){uint32_t u;memcpy(&u,&f,4);return (u&0x7fffffff)>0x7f800000?0x7fc0:(u+0x7fff+((u>>16)&1))>>16;}
INLINE float nl_load_f16(uint16_t h){_Float16 x;memcpy(&x,&h,2);return x;}
INLINE uint16_t nl_store_f16(float f){_Float16 x=(_Float16)f;uint16_t h;memcpy(&h,&x,2);return h;}
