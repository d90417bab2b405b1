// A pointwise formula on tensors: y = f(x), and the step of the graph that gives grad * f'(x).
#pragma once

#include "function.h"
#include "node.h"

namespace nonlin {

struct PointwiseEntries {
  int32_t (*value)(void*, const void*, int64_t, const double*) = nullptr;
  int32_t (*slope)(void*, const void*, const void*, int64_t, int64_t, const double*) = nullptr;
  Intervals value_intervals, slope_intervals;
  Settings usual_value, usual_slope;

  at::Tensor values(const at::Tensor& given, const double* settings) const {
    const at::Tensor x = dense(given);
    at::Tensor y = empty_as(x);
    check(value(y.mutable_data_ptr(), x.const_data_ptr(), x.numel(), settings));
    return y;
  }

  at::Tensor slopes(at::Tensor grad, const at::Tensor& given, const double* settings) const {
    const at::Tensor x = dense(given);
    if (x.is_contiguous() && sole_owner(grad)) { // each element is read before it is written
      check(slope(grad.mutable_data_ptr(), x.const_data_ptr(), grad.const_data_ptr(), 1, x.numel(), settings));
      return grad;
    }
    at::Tensor out = empty_as(x);
    const Incoming incoming(grad, x);
    const void* at = incoming.tensor.const_data_ptr();
    check(slope(out.mutable_data_ptr(), x.const_data_ptr(), at, incoming.step, x.numel(), settings));
    return out;
  }
};

class PointwiseStep final : public Step {
 public:
  PointwiseStep(
      const Function& function, const PointwiseEntries& entries, const at::Tensor& x, const std::vector<double>& parameters)
      : Step(function.label, function.composite, {x}, parameters), entries_(entries) {
    if (!parameters.empty()) settings_ = Settings(entries.slope_intervals, function.defaults, parameters);
  }

 protected:
  variable_list fused(at::Tensor grad, const variable_list& inputs) override {
    const auto& settings = parameters().empty() ? entries_.usual_slope : settings_;
    return {entries_.slopes(std::move(grad), inputs[0], settings.data())};
  }

 private:
  const PointwiseEntries& entries_;
  Settings settings_;
};

struct Pointwise : Function {
  PointwiseEntries entries[kDtypes];

  // f(x), f(x, parameters...)
  static PyObject* call(PyObject* self, PyObject* const* given, size_t flags, PyObject* names) {
    HANDLE_TH_ERRORS
    auto& function = Callable<Pointwise>::of(self);
    const auto count = PyVectorcall_NARGS(flags);
    if (names == nullptr && count >= 1 && THPVariable_CheckExact(given[0])) {
      const at::Tensor& x = THPVariable_Unpack(given[0]);
      const int dtype = dtype_index(x.scalar_type());
      std::vector<double> parameters;
      if (dtype >= 0 && function.entries[dtype].value != nullptr && plain_thread() && plain(x) &&
          numbers_of(given + 1, count - 1, parameters))
        return THPVariable_Wrap(function.result(x, function.entries[dtype], parameters));
    }
    return PyObject_Vectorcall(function.portable, given, flags, names);
    END_HANDLE_TH_ERRORS
  }

  at::Tensor result(const at::Tensor& x, const PointwiseEntries& entries, const std::vector<double>& parameters) const {
    const auto own = parameters.empty() ? Settings() : Settings(entries.value_intervals, defaults, parameters);
    at::Tensor y;
    {
      Unlocked while_working(x.numel());
      y = entries.values(x, parameters.empty() ? entries.usual_value.data() : own.data());
    }
    return recording(x) ? recorded(y, c10::make_intrusive<PointwiseStep>(*this, entries, x, parameters)) : y;
  }

  // into(out, x, parameters...): the values written to `out`, which may be `x` itself; nothing is recorded
  static PyObject* into(PyObject* self, PyObject* const* given, Py_ssize_t count) {
    HANDLE_TH_ERRORS
    auto& function = Callable<Pointwise>::of(self);
    std::vector<double> parameters;
    if (count >= 2 && THPVariable_CheckExact(given[0]) && THPVariable_CheckExact(given[1]) &&
        numbers_of(given + 2, count - 2, parameters)) {
      const at::Tensor &out = THPVariable_Unpack(given[0]), &x = THPVariable_Unpack(given[1]);
      const int dtype = dtype_index(x.scalar_type());
      if (dtype >= 0 && function.entries[dtype].value != nullptr && out.scalar_type() == x.scalar_type() && plain_thread() &&
          plain(x) && plain(out) && overwritable(out, x)) {
        const auto& entries = function.entries[dtype];
        const auto own =
            parameters.empty() ? entries.usual_value : Settings(entries.value_intervals, function.defaults, parameters);
        {
          Unlocked while_working(x.numel());
          check(entries.value(out.mutable_data_ptr(), x.const_data_ptr(), x.numel(), own.data()));
        }
        if (!out.is_inference()) out.unsafeGetTensorImpl()->bump_version(); // such tensors have none
        return Py_NewRef(given[0]);
      }
    }
    return PyObject_Vectorcall(function.portable_method, given, static_cast<size_t>(count), nullptr);
    END_HANDLE_TH_ERRORS
  }

  // add(dtype, value, slope, intervals of each)
  static PyObject* add(PyObject* self, PyObject* arguments) {
    Added given;
    if (!given.parse(arguments)) return nullptr;
    auto& function = Callable<Pointwise>::of(self);
    auto& entry = function.entries[given.dtype];
    entry.value_intervals = given.first_intervals;
    entry.slope_intervals = given.second_intervals;
    entry.usual_value = Settings(given.first_intervals, function.defaults, function.defaults);
    entry.usual_slope = Settings(given.second_intervals, function.defaults, function.defaults);
    entry.slope = reinterpret_cast<decltype(entry.slope)>(given.second);
    entry.value = reinterpret_cast<decltype(entry.value)>(given.first); // last: a call looks at it first
    Py_RETURN_NONE;
  }
};

} // namespace nonlin
