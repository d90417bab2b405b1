/* PROVISIONAL (libm): the owner of this header replaces the whole file. */
#include <math.h>
INLINE double nl_exp_w(double u){return exp(u);}
INLINE double nl_expm1_w(double u){return expm1(u);}
INLINE double nl_log_w(double u){return log(u);}
INLINE double nl_log1p_w(double u){return log1p(u);}
INLINE double nl_sin_w(double u){return sin(u);}
INLINE double nl_cos_w(double u){return cos(u);}
INLINE double nl_tanh_w(double u){return tanh(u);}
INLINE double nl_sinh_w(double u){return sinh(u);}
INLINE double nl_cosh_w(double u){return cosh(u);}
INLINE double nl_asinh_w(double u){return asinh(u);}
INLINE double nl_atan_w(double u){return atan(u);}
INLINE double nl_erf_w(double u){return erf(u);}
INLINE double nl_sigmoid_w(double u){return 1/(1+exp(-u));}
INLINE double nl_logistic_pdf_w(double u){return 1/(exp(u/2)+exp(-u/2))/(exp(u/2)+exp(-u/2));}
INLINE double nl_softplus_w(double u){return (u>0?u:0)+log1p(exp(-fabs(u)));}
INLINE double nl_sech2_w(double u){return 1/cosh(u)/cosh(u);}
INLINE double nl_normal_cdf_w(double u){return 0.5*erfc(-u*0.70710678118654752440);}
INLINE double nl_normal_pdf_w(double u){return exp(-u*u/2)*0.3989422804014327;}
INLINE double nl_tanh_residual_w(double u){return u-tanh(u);}
INLINE double nl_relu_w(double u){return u<=0?0:u;}
INLINE double nl_abs_w(double u){return fabs(u);}
INLINE double nl_sign_w(double u){return (u>0)-(u<0);}
INLINE double nl_sqrt_w(double u){return sqrt(u);}
INLINE double nl_clip_w(double u,double a,double b){return u<=a?a:(u>=b?b:u);}
INLINE double nl_leaky_w(double u,double a){return u>0?u:a*u;}
INLINE double nl_maximum_w(double u,double a){return u>a||u!=u?u:a;}
INLINE double nl_minimum_w(double u,double a){return u<a||u!=u?u:a;}
INLINE double nl_pow_w(double u,double a){return pow(u,a);}