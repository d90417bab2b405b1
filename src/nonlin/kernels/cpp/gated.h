// A gated unit on tensors: value * f(gate), of two tensors or of the halves of one, and the step that gives both gradients.
#pragma once

#include "function.h"
#include "node.h"

namespace nonlin {

// `number` rows of `columns` elements; from one row to the next `out` elements of a result, `halves` of a half.
struct Rows {
  int64_t number, columns, out, halves;
};

struct GatedEntries {
  int32_t (*product)(void*, const void*, const void*, int64_t, int64_t, int64_t, int64_t, int64_t, const double*) = nullptr;
  int32_t (*gradients)(
      void*, void*, const void*, const void*, const void*, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t,
      const double*) = nullptr;
  Intervals product_intervals, gradient_intervals;

  void products(void* out, const void* value, const void* gate, const Rows& rows, const Settings& settings) const {
    check(product(
        out, value, gate, rows.number, rows.columns, rows.out, rows.halves, rows.halves, settings.data()));
  }

  void slopes(
      void* to_value, void* to_gate, const void* value, const void* gate, const Incoming& grad, const Rows& rows,
      const Settings& settings) const {
    check(gradients(
        to_value, to_gate, value, gate, grad.tensor.const_data_ptr(), rows.number, rows.columns, rows.halves, rows.halves,
        rows.halves, rows.out, grad.step, settings.data()));
  }
};

// Two tensors of one shape.
class GatedStep final : public Step {
 public:
  GatedStep(
      const Function& function, const GatedEntries& entries, const at::Tensor& value, const at::Tensor& gate,
      const std::vector<double>& parameters, Settings settings)
      : Step(function.label, function.composite, {value, gate}, parameters), entries_(entries), settings_(settings) {}

 protected:
  variable_list fused(at::Tensor grad, const variable_list& inputs) override {
    const at::Tensor gate = dense(inputs[1]), value = laid_out(inputs[0], gate);
    at::Tensor to_gate = empty_as(gate);
    // one of the results may take the gradient's own memory: each element is read before it is written
    const bool over = gate.is_contiguous() && sole_owner(grad);
    at::Tensor to_value = over ? grad : empty_as(gate);
    const Incoming incoming(grad, gate);
    const Rows rows{1, gate.numel(), 0, 0};
    entries_.slopes(
        to_value.mutable_data_ptr(), to_gate.mutable_data_ptr(), value.const_data_ptr(), gate.const_data_ptr(), incoming, rows,
        settings_);
    return {to_value, to_gate};
  }

 private:
  const GatedEntries& entries_;
  Settings settings_;
};

// A contiguous tensor whose first or second half along a dimension is the gate.
struct Halves {
  Rows rows;
  int64_t gate, value; // where they begin, in bytes

  Halves(const at::Tensor& packed, int64_t dim, bool gate_first) {
    const int64_t at = dim < 0 ? dim + packed.dim() : dim;
    int64_t before = 1, after = 1;
    for (int64_t i = 0; i < packed.dim(); i++) (i < at ? before : after) *= packed.size(i);
    rows = {before, after / 2, after / 2, after};
    const int64_t second = rows.columns * packed.element_size();
    gate = gate_first ? 0 : second;
    value = second - gate;
  }
};

inline char* moved(void* base, int64_t bytes) { return static_cast<char*>(base) + bytes; }
inline const char* moved(const void* base, int64_t bytes) { return static_cast<const char*>(base) + bytes; }

class PackedStep final : public Step {
 public:
  // the composite takes the dimension and whether the gate comes first as numbers before the parameters
  PackedStep(
      const Function& function, PyObject* composite, const GatedEntries& entries, const at::Tensor& packed, const Halves& halves,
      const std::vector<double>& numbers, Settings settings)
      : Step(function.label, composite, {packed}, numbers), entries_(entries), halves_(halves), settings_(settings) {}

 protected:
  bool fits(const at::Tensor& grad, const variable_list& inputs) const override {
    return grad.numel() * 2 == inputs[0].numel() && grad.dim() == inputs[0].dim();
  }

  variable_list fused(at::Tensor grad, const variable_list& inputs) override {
    const at::Tensor packed = inputs[0].contiguous();
    at::Tensor out = empty_as(packed);
    if (!grad.is_contiguous() && Incoming(grad, grad).step == 1) grad = grad.contiguous();
    const Incoming incoming(grad, grad);
    const void* from = packed.const_data_ptr();
    void* to = out.mutable_data_ptr();
    entries_.slopes(
        moved(to, halves_.value), moved(to, halves_.gate), moved(from, halves_.value), moved(from, halves_.gate), incoming,
        halves_.rows, settings_);
    return {out};
  }

 private:
  const GatedEntries& entries_;
  Halves halves_;
  Settings settings_;
};

struct Gated : Function {
  GatedEntries entries[kDtypes];

  Settings settings(const Intervals& measured, const std::vector<double>& parameters) const {
    return Settings(measured, defaults, parameters.empty() ? defaults : parameters);
  }

  // f(value, gate, parameters...)
  static PyObject* call(PyObject* self, PyObject* const* given, size_t flags, PyObject* names) {
    HANDLE_TH_ERRORS
    auto& function = Callable<Gated>::of(self);
    const auto count = PyVectorcall_NARGS(flags);
    std::vector<double> parameters;
    if (names == nullptr && count >= 2 && THPVariable_CheckExact(given[0]) && THPVariable_CheckExact(given[1]) &&
        numbers_of(given + 2, count - 2, parameters)) {
      const at::Tensor &value = THPVariable_Unpack(given[0]), &gate = THPVariable_Unpack(given[1]);
      const int dtype = dtype_index(gate.scalar_type());
      if (dtype >= 0 && function.entries[dtype].product != nullptr && value.scalar_type() == gate.scalar_type() &&
          plain_thread() && plain(value) && plain(gate) && value.sizes() == gate.sizes())
        return THPVariable_Wrap(function.result(value, gate, function.entries[dtype], parameters));
    }
    return PyObject_Vectorcall(function.portable, given, flags, names);
    END_HANDLE_TH_ERRORS
  }

  at::Tensor result(
      const at::Tensor& value, const at::Tensor& gate, const GatedEntries& entries, const std::vector<double>& parameters) const {
    at::Tensor y;
    {
      Unlocked while_working(gate.numel());
      const at::Tensor g = dense(gate), v = laid_out(value, g);
      y = empty_as(g);
      const Rows rows{1, g.numel(), 0, 0};
      entries.products(
          y.mutable_data_ptr(), v.const_data_ptr(), g.const_data_ptr(), rows, settings(entries.product_intervals, parameters));
    }
    if (!recording(value) && !recording(gate)) return y;
    const auto slope_settings = settings(entries.gradient_intervals, parameters);
    return recorded(y, c10::make_intrusive<GatedStep>(*this, entries, value, gate, parameters, slope_settings));
  }

  // packed(input, dim, gate_half, owner, parameters...): contiguous tensors; whatever else, or wrong, the portable one takes
  static PyObject* packed(PyObject* self, PyObject* const* given, Py_ssize_t count) {
    HANDLE_TH_ERRORS
    auto& function = Callable<Gated>::of(self);
    std::vector<double> parameters;
    if (count >= 4 && THPVariable_CheckExact(given[0]) && PyLong_CheckExact(given[1]) && PyUnicode_CheckExact(given[2]) &&
        numbers_of(given + 4, count - 4, parameters)) {
      const at::Tensor& x = THPVariable_Unpack(given[0]);
      const int dtype = dtype_index(x.scalar_type());
      const int64_t dim = PyLong_AsLongLong(given[1]), ndim = x.dim();
      const bool first = PyUnicode_CompareWithASCIIString(given[2], "first") == 0;
      if (dim == -1 && PyErr_Occurred()) PyErr_Clear();
      else if (
          dtype >= 0 && function.entries[dtype].product != nullptr && plain_thread() && plain(x) && x.is_contiguous() &&
          -ndim <= dim && dim < ndim && x.size(dim) % 2 == 0 &&
          (first || PyUnicode_CompareWithASCIIString(given[2], "second") == 0))
        return THPVariable_Wrap(function.packed_result(x, dim, first, function.entries[dtype], parameters));
    }
    return PyObject_Vectorcall(function.portable_method, given, static_cast<size_t>(count), nullptr);
    END_HANDLE_TH_ERRORS
  }

  at::Tensor packed_result(
      const at::Tensor& x, int64_t dim, bool first, const GatedEntries& entries, const std::vector<double>& parameters) const {
    const Halves halves(x, dim, first);
    at::Tensor y;
    {
      Unlocked while_working(x.numel());
      c10::SmallVector<int64_t, 6> sizes(x.sizes().begin(), x.sizes().end());
      sizes[static_cast<size_t>(dim < 0 ? dim + x.dim() : dim)] /= 2;
      y = empty(sizes, x.scalar_type(), x.numel() / 2);
      const void* from = x.const_data_ptr();
      entries.products(
          y.mutable_data_ptr(), moved(from, halves.value), moved(from, halves.gate), halves.rows,
          settings(entries.product_intervals, parameters));
    }
    if (!recording(x)) return y;
    std::vector<double> numbers = {static_cast<double>(dim), first ? 1.0 : 0.0};
    numbers.insert(numbers.end(), parameters.begin(), parameters.end());
    const auto slope_settings = settings(entries.gradient_intervals, parameters);
    return recorded(
        y, c10::make_intrusive<PackedStep>(*this, composite_method, entries, x, halves, numbers, slope_settings));
  }

  // add(dtype, product, gradients, intervals of each)
  static PyObject* add(PyObject* self, PyObject* arguments) {
    Added given;
    if (!given.parse(arguments)) return nullptr;
    auto& entry = Callable<Gated>::of(self).entries[given.dtype];
    entry.product_intervals = given.first_intervals;
    entry.gradient_intervals = given.second_intervals;
    entry.gradients = reinterpret_cast<decltype(entry.gradients)>(given.second);
    entry.product = reinterpret_cast<decltype(entry.product)>(given.first); // last: a call looks at it first
    Py_RETURN_NONE;
  }
};

} // namespace nonlin
