/* PROVISIONAL (libm): the owner of this header replaces the whole file. */
#include <math.h>
INLINE double nl_exp_d(double u){return exp(u);}
INLINE double nl_expm1_d(double u){return expm1(u);}
INLINE double nl_log_d(double u){return log(u);}
INLINE double nl_log1p_d(double u){return log1p(u);}
INLINE double nl_sin_d(double u){return sin(u);}
INLINE double nl_cos_d(double u){return cos(u);}
INLINE double nl_tanh_d(double u){return tanh(u);}
INLINE double nl_sinh_d(double u){return sinh(u);}
INLINE double nl_cosh_d(double u){return cosh(u);}
INLINE double nl_asinh_d(double u){return asinh(u);}
INLINE double nl_atan_d(double u){return atan(u);}
INLINE double nl_erf_d(double u){return erf(u);}
INLINE double nl_sigmoid_d(double u){return 1/(1+exp(-u));}
INLINE double nl_logistic_pdf_d(double u){return 1/(exp(u/2)+exp(-u/2))/(exp(u/2)+exp(-u/2));}
INLINE double nl_softplus_d(double u){return (u>0?u:0)+log1p(exp(-fabs(u)));}
INLINE double nl_sech2_d(double u){return 1/cosh(u)/cosh(u);}
INLINE double nl_normal_cdf_d(double u){return 0.5*erfc(-u*0.70710678118654752440);}
INLINE double nl_normal_pdf_d(double u){return exp(-u*u/2)*0.3989422804014327;}
INLINE double nl_tanh_residual_d(double u){return u-tanh(u);}
INLINE double nl_relu_d(double u){return u<=0?0:u;}
INLINE double nl_abs_d(double u){return fabs(u);}
INLINE double nl_sign_d(double u){return (u>0)-(u<0);}
INLINE double nl_sqrt_d(double u){return sqrt(u);}
INLINE double nl_clip_d(double u,double a,double b){return u<=a?a:(u>=b?b:u);}
INLINE double nl_leaky_d(double u,double a){return u>0?u:a*u;}
INLINE double nl_maximum_d(double u,double a){return u>a||u!=u?u:a;}
INLINE double nl_minimum_d(double u,double a){return u<a||u!=u?u:a;}
INLINE double nl_pow_d(double u,double a){return pow(u,a);}