// A function of whole rows on tensors, along any dimension, and the step of the graph that gives its gradient.
#pragma once

#include "function.h"
#include "node.h"

namespace nonlin {

struct RowEntries {
  // (out, x, nothing, outer, columns, inner, numbers) and (out, saved, grad, outer, columns, inner, numbers)
  using Entry = int32_t (*)(void*, const void*, const void*, int64_t, int64_t, int64_t, const double*);
  Entry value = nullptr, slope = nullptr;
  bool saves_output = false;
};

// How the rows along a dimension of a dense tensor lie: its elements `inner` apart, whatever the order of the dimensions.
struct RowLayout {
  int64_t outer, columns, inner;

  RowLayout(const at::Tensor& dense, int64_t dim) : columns(dense.size(dim)), inner(columns == 1 ? 1 : dense.stride(dim)) {
    outer = dense.numel() / (columns * inner);
  }
};

class RowStep final : public Step {
 public:
  // the composite takes the dimension as a number before the others
  RowStep(const Function& function, const RowEntries& entries, const at::Tensor& x, int64_t dim, std::vector<double> numbers)
      : Step(function.label, function.composite, {x}, std::move(numbers), /*keep=*/!entries.saves_output),
        entries_(entries),
        dim_(dim) {}

 protected:
  variable_list fused(at::Tensor grad, const variable_list& inputs) override {
    const at::Tensor saved = dense(inputs[0]), g = laid_out(grad, saved);
    const RowLayout rows(saved, dim_);
    at::Tensor out = empty_as(saved);
    check(entries_.slope(
        out.mutable_data_ptr(), saved.const_data_ptr(), g.const_data_ptr(), rows.outer, rows.columns, rows.inner,
        parameters().data() + 1));
    return {out};
  }

 private:
  const RowEntries& entries_;
  int64_t dim_;
};

struct RowFunction : Function {
  RowEntries entries[kDtypes];

  // f(x, dim, numbers...); a dimension that is not there, or a tensor without elements, the portable one takes
  static PyObject* call(PyObject* self, PyObject* const* given, size_t flags, PyObject* names) {
    HANDLE_TH_ERRORS
    auto& function = Callable<RowFunction>::of(self);
    const auto count = PyVectorcall_NARGS(flags);
    std::vector<double> numbers = {0};
    if (names == nullptr && count >= 2 && THPVariable_CheckExact(given[0]) && PyLong_CheckExact(given[1]) &&
        numbers_of(given + 2, count - 2, numbers)) {
      const at::Tensor& x = THPVariable_Unpack(given[0]);
      const int dtype = dtype_index(x.scalar_type());
      const int64_t dim = PyLong_AsLongLong(given[1]), ndim = x.dim();
      if (dim == -1 && PyErr_Occurred()) PyErr_Clear();
      else if (
          dtype >= 0 && function.entries[dtype].value != nullptr && plain_thread() && plain(x) && -ndim <= dim && dim < ndim &&
          x.numel() > 0) {
        numbers[0] = static_cast<double>(dim);
        return THPVariable_Wrap(function.result(x, dim < 0 ? dim + ndim : dim, function.entries[dtype], std::move(numbers)));
      }
    }
    return PyObject_Vectorcall(function.portable, given, flags, names);
    END_HANDLE_TH_ERRORS
  }

  at::Tensor result(const at::Tensor& given, int64_t dim, const RowEntries& entries, std::vector<double> numbers) const {
    at::Tensor y;
    {
      Unlocked while_working(given.numel());
      const at::Tensor x = dense(given);
      const RowLayout rows(x, dim);
      y = empty_as(x);
      check(entries.value(
          y.mutable_data_ptr(), x.const_data_ptr(), nullptr, rows.outer, rows.columns, rows.inner, numbers.data() + 1));
    }
    if (!recording(given)) return y;
    auto step = c10::make_intrusive<RowStep>(*this, entries, given, dim, std::move(numbers));
    Step& made = *step;
    recorded(y, std::move(step));
    if (entries.saves_output) made.keep_output(y);
    return y;
  }

  // add(dtype, value, slope, saves_output)
  static PyObject* add(PyObject* self, PyObject* arguments) {
    int dtype = 0, saves_output = 0;
    unsigned long long value = 0, slope = 0;
    if (!PyArg_ParseTuple(arguments, "iKKp", &dtype, &value, &slope, &saves_output)) return nullptr;
    auto& entry = Callable<RowFunction>::of(self).entries[dtype];
    entry.saves_output = saves_output != 0;
    entry.slope = reinterpret_cast<RowEntries::Entry>(slope);
    entry.value = reinterpret_cast<RowEntries::Entry>(value); // last: a call looks at it first
    Py_RETURN_NONE;
  }
};

} // namespace nonlin
