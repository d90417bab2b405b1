/* PROVISIONAL (libm): the owner of this header replaces the whole file. */
#include <math.h>
INLINE float nl_exp_f(float u){return expf(u);}
INLINE float nl_expm1_f(float u){return expm1f(u);}
INLINE float nl_log_f(float u){return logf(u);}
INLINE float nl_log1p_f(float u){return log1pf(u);}
INLINE float nl_sin_f(float u){return sinf(u);}
INLINE float nl_cos_f(float u){return cosf(u);}
INLINE float nl_tanh_f(float u){return tanhf(u);}
INLINE float nl_sinh_f(float u){return sinhf(u);}
INLINE float nl_cosh_f(float u){return coshf(u);}
INLINE float nl_asinh_f(float u){return asinhf(u);}
INLINE float nl_atan_f(float u){return atanf(u);}
INLINE float nl_erf_f(float u){return erff(u);}
INLINE float nl_sigmoid_f(float u){return 1/(1+exp(-u));}
INLINE float nl_logistic_pdf_f(float u){return 1/(exp(u/2)+exp(-u/2))/(exp(u/2)+exp(-u/2));}
INLINE float nl_softplus_f(float u){return (u>0?u:0)+log1p(exp(-fabs(u)));}
INLINE float nl_sech2_f(float u){return 1/cosh(u)/cosh(u);}
INLINE float nl_normal_cdf_f(float u){return 0.5*erfc(-u*0.70710678118654752440);}
INLINE float nl_normal_pdf_f(float u){return exp(-u*u/2)*0.3989422804014327;}
INLINE float nl_tanh_residual_f(float u){return u-tanh(u);}
INLINE float nl_relu_f(float u){return u<=0?0:u;}
INLINE float nl_abs_f(float u){return fabs(u);}
INLINE float nl_sign_f(float u){return (u>0)-(u<0);}
INLINE float nl_sqrt_f(float u){return sqrt(u);}
INLINE float nl_clip_f(float u,float a,float b){return u<=a?a:(u>=b?b:u);}
INLINE float nl_leaky_f(float u,float a){return u>0?u:a*u;}
INLINE float nl_maximum_f(float u,float a){return u>a||u!=u?u:a;}
INLINE float nl_minimum_f(float u,float a){return u<a||u!=u?u:a;}
INLINE float nl_pow_f(float u,float a){return pow(u,a);}