/* The same for float32 and 16-bit results: the double forms, rounded. */

#define nl_sinc_w nl_sinc_d
#define nl_spherical_j1_w nl_spherical_j1_d
#define nl_spherical_j2_w nl_spherical_j2_d
#define nl_exprel_w nl_exprel_d
#define nl_exprel_slope_w nl_exprel_slope_d
#define nl_exprel_curvature_w nl_exprel_curvature_d
#define nl_log1prel_w nl_log1prel_d
#define nl_log1prel_slope_w nl_log1prel_slope_d
#define nl_atan_residual_w nl_atan_residual_d

INLINE float nl_sinc_f(float u) { return (float)nl_sinc_d(u); }

INLINE float nl_spherical_j1_f(float u) { return (float)nl_spherical_j1_d(u); }

INLINE float nl_spherical_j2_f(float u) { return (float)nl_spherical_j2_d(u); }

INLINE float nl_exprel_f(float u) { return (float)nl_exprel_d(u); }

INLINE float nl_exprel_slope_f(float u) { return (float)nl_exprel_slope_d(u); }

INLINE float nl_exprel_curvature_f(float u) { return (float)nl_exprel_curvature_d(u); }

INLINE float nl_log1prel_f(float u) { return (float)nl_log1prel_d(u); }

INLINE float nl_log1prel_slope_f(float u) { return (float)nl_log1prel_slope_d(u); }

INLINE float nl_atan_residual_f(float u) { return (float)nl_atan_residual_d(u); }

#define nl_sinc_h nl_sinc_f
#define nl_spherical_j1_h nl_spherical_j1_f
#define nl_spherical_j2_h nl_spherical_j2_f
#define nl_exprel_h nl_exprel_f
#define nl_exprel_slope_h nl_exprel_slope_f
#define nl_exprel_curvature_h nl_exprel_curvature_f
#define nl_log1prel_h nl_log1prel_f
#define nl_log1prel_slope_h nl_log1prel_slope_f
#define nl_atan_residual_h nl_atan_residual_f
