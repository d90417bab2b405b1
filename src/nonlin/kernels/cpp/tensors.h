// Which tensors the kernels read by address, and the tensors they write.
#pragma once

#include <ATen/EmptyTensor.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty_like.h>
#include <c10/core/InferenceMode.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/csrc/autograd/grad_mode.h>

#include <atomic>

#include "pool.h"

namespace nonlin {

// 0..3 for the dtypes that have kernels, -1 for every other.
inline int dtype_index(at::ScalarType dtype) {
  switch (dtype) {
    case at::kFloat: return 0;
    case at::kBFloat16: return 1;
    case at::kHalf: return 2;
    case at::kDouble: return 3;
    default: return -1;
  }
}
constexpr int kDtypes = 4;

inline bool within(c10::DispatchKeySet keys, c10::DispatchKeySet allowed) { return !(keys.raw_repr() & ~allowed.raw_repr()); }

inline std::atomic<bool> paused{false}; // every call goes to Python while it is set

// Whether nothing watches or rewrites operations: no functorch transform, dispatch mode or tracer. Each of them adds a key.
inline bool plain_thread() {
  constexpr c10::DispatchKeySet usual = c10::default_included_set | c10::autocast_dispatch_keyset;
  return within(c10::impl::tls_local_dispatch_key_set().included_, usual) && !paused.load(std::memory_order_relaxed);
}

// An ordinary CPU tensor: neither sparse, lazily negated, batched, traced nor of a subclass; without a tangent.
inline bool plain(const at::Tensor& x) {
  constexpr c10::DispatchKeySet usual = c10::DispatchKeySet(c10::DispatchKey::CPU) |
      c10::DispatchKeySet({c10::DispatchKey::AutogradCPU, c10::DispatchKey::ADInplaceOrView, c10::DispatchKey::AutocastCPU});
  return within(x.key_set(), usual) && x.layout() == at::kStrided && !x._fw_grad(0).defined();
}

inline bool recording(const at::Tensor& x) { return x.requires_grad() && at::GradMode::is_enabled(); }

inline c10::Allocator* allocator(size_t bytes) {
  return bytes >= kPooled ? &Pool::instance() : c10::GetCPUAllocator();
}

inline at::Tensor empty(at::IntArrayRef sizes, at::ScalarType dtype, int64_t elements) {
  constexpr c10::DispatchKeySet cpu(c10::DispatchKey::CPU);
  const size_t bytes = static_cast<size_t>(elements) * c10::elementSize(dtype);
  return at::Tensor(at::detail::empty_generic(sizes, allocator(bytes), cpu, dtype, std::nullopt));
}

// An empty tensor of the shape, dtype and strides of `x`, which has no holes.
inline at::Tensor empty_as(const at::Tensor& x) {
  if (x.is_contiguous()) return empty(x.sizes(), x.scalar_type(), x.numel());
  constexpr c10::DispatchKeySet cpu(c10::DispatchKey::CPU);
  return at::Tensor(at::detail::empty_strided_generic(x.sizes(), x.strides(), allocator(x.nbytes()), cpu, x.scalar_type()));
}

// `x` without holes between its elements: itself, or one copy.
inline at::Tensor dense(const at::Tensor& x) {
  if (x.is_contiguous() || x.is_non_overlapping_and_dense()) return x;
  return at::empty_like(x.detach()).copy_(x.detach());
}

// `x` in the layout of `like`, which has no holes: itself, or one copy.
inline at::Tensor laid_out(const at::Tensor& x, const at::Tensor& like) {
  if ((x.is_contiguous() && like.is_contiguous()) || x.strides() == like.strides()) return x;
  return empty_as(like).copy_(x.detach());
}

// An incoming gradient as a kernel reads it: its elements one after the other, or (step 0) one number for all of them.
struct Incoming {
  at::Tensor tensor;
  int64_t step;

  Incoming(const at::Tensor& grad, const at::Tensor& like) : step(1) {
    bool same = !grad.is_contiguous() && grad.numel() > 0;
    for (auto stride : grad.strides()) same = same && stride == 0;
    step = same ? 0 : 1;
    tensor = same ? grad : laid_out(grad, like);
  }
};

// Whether nothing but the caller's variable holds `x` and its memory, so that a result may be written over it. Memory that
// another library owns, such as a NumPy array's, has no allocator of torch's.
inline bool sole_owner(const at::Tensor& x) {
  if (x.use_count() != 1 || x.is_view() || !x.is_contiguous() || x.requires_grad()) return false;
  const auto& storage = x.storage();
  const auto* from = storage.allocator();
  return storage.use_count() == 1 && (from == c10::GetCPUAllocator() || from == &Pool::instance());
}

// Whether both are dense, lie in memory alike, and are one tensor's memory or share none of it.
inline bool overwritable(const at::Tensor& out, const at::Tensor& x) {
  if (out.sizes() != x.sizes() || recording(out) || recording(x)) return false;
  if (out.is_inference() && !c10::InferenceMode::is_enabled()) return false; // torch refuses it
  const bool alike = x.is_contiguous() ? out.is_contiguous() : x.is_non_overlapping_and_dense() && out.strides() == x.strides();
  const auto *to = static_cast<const char*>(out.const_data_ptr()), *at = static_cast<const char*>(x.const_data_ptr());
  return alike && (to == at || to + out.nbytes() <= at || at + x.nbytes() <= to);
}

inline void check(int32_t failed) { TORCH_CHECK(!failed, "torch's parallel loop failed inside a nonlin kernel"); }

} // namespace nonlin
