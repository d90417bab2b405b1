// A pointwise formula whose parameters are tensors, one number or one a channel, and the step that gives all gradients.
#pragma once

#include <ATen/Dispatch.h>
#include <ATen/ops/empty.h>

#include "pointwise.h"

namespace nonlin {

// Rows of `columns` elements: row r belongs to channel r % channels; or, where `varying`, element i of each to channel i.
struct Channels {
  int64_t rows, columns, count, varying;
};

struct LearnedEntries {
  PointwiseEntries shared; // one number for all elements: the plain loops
  int32_t (*values)(void*, const void*, const void*, int64_t, int64_t, int64_t, int64_t, const double*) = nullptr;
  int32_t (*slopes)(
      void*, const void*, const void*, const void*, int64_t, int64_t, int64_t, int64_t, int64_t, const double*) = nullptr;
  int32_t (*sums)(
      void*, void*, const void*, const void*, const void*, int64_t, int64_t, int64_t, int64_t, int64_t, const double*) = nullptr;
  int64_t (*pieces)(int64_t, int64_t, int64_t, int64_t) = nullptr;
  Settings value_settings, slope_settings; // the interval that serves many parameter values
};

// How a dense tensor lies in memory, its channels in dimension 1.
inline Channels channels_of(const at::Tensor& x, int64_t count) {
  if (count == 1) return {1, x.numel(), 1, 0};
  if (!x.is_contiguous() || x.numel() == x.size(0) * count) return {x.numel() / count, count, count, 1};
  return {x.size(0) * count, x.numel() / (x.size(0) * count), count, 0};
}

// `x` so that channels_of describes it: contiguous, or channels_last; one copy of any other.
inline at::Tensor in_channels(const at::Tensor& x, int64_t count) {
  if (x.is_contiguous()) return x;
  if (count == 1) return dense(x);
  const bool last = (x.dim() == 4 && x.is_contiguous(at::MemoryFormat::ChannelsLast)) ||
      (x.dim() == 5 && x.is_contiguous(at::MemoryFormat::ChannelsLast3d));
  return last ? x : x.detach().contiguous();
}

// Number i of a tensor of one number, or of one a channel in its first dimension.
inline double number_of(const at::Tensor& p, int64_t i) {
  const auto at = p.numel() == 1 ? 0 : i * p.stride(0);
  switch (p.scalar_type()) {
    case at::kFloat: return p.const_data_ptr<float>()[at];
    case at::kBFloat16: return static_cast<float>(p.const_data_ptr<at::BFloat16>()[at]);
    case at::kHalf: return static_cast<float>(p.const_data_ptr<at::Half>()[at]);
    default: return p.const_data_ptr<double>()[at];
  }
}

using Table = c10::SmallVector<double, 64>;

// The parameters of each channel, side by side.
inline Table table_of(const variable_list& inputs, int64_t count) {
  Table table;
  for (int64_t c = 0; c < count; c++)
    for (size_t j = 1; j < inputs.size(); j++) table.push_back(number_of(inputs[j], c));
  return table;
}

class LearnedStep final : public Step {
 public:
  LearnedStep(const Function& function, const LearnedEntries& entries, const variable_list& inputs, int64_t count)
      : Step(function.label, function.composite, inputs, {}), entries_(entries), count_(count) {}

 protected:
  variable_list fused(at::Tensor grad, const variable_list& inputs) override {
    const at::Tensor x = in_channels(inputs[0], count_);
    const Channels lies = channels_of(x, count_);
    const Table table = table_of(inputs, count_);
    variable_list found(inputs.size());
    bool learns = false;
    for (size_t j = 1; j < inputs.size(); j++) learns = learns || task_should_compute_output(j);
    if (learns) sum(x, Incoming(grad, x), lies, table, inputs, found);
    if (!task_should_compute_output(0)) return found;
    if (count_ == 1) {
      found[0] = entries_.shared.slopes(std::move(grad), x, with(entries_.shared.slope_intervals.any, table).data());
      return found;
    }
    const Incoming incoming(grad, x);
    found[0] = empty_as(x);
    check(entries_.slopes(
        found[0].mutable_data_ptr(), x.const_data_ptr(), incoming.tensor.const_data_ptr(), table.data(), incoming.step,
        lies.rows, lies.columns, lies.count, lies.varying, entries_.slope_settings.data()));
    return found;
  }

 public:
  static c10::SmallVector<double, 8> with(const Interval& interval, const Table& table) {
    c10::SmallVector<double, 8> settings = {interval.low, interval.high};
    settings.append(table.begin(), table.end());
    return settings;
  }

 private:
  void sum(
      const at::Tensor& x, const Incoming& grad, const Channels& lies, const Table& table, const variable_list& inputs,
      variable_list& found) const {
    const auto learned = inputs.size() - 1;
    std::vector<double> total(learned * static_cast<size_t>(count_));
    std::vector<double> partial(
        learned * static_cast<size_t>(entries_.pieces(lies.rows, lies.columns, lies.count, lies.varying)));
    check(entries_.sums(
        total.data(), partial.data(), x.const_data_ptr(), grad.tensor.const_data_ptr(), table.data(), grad.step, lies.rows,
        lies.columns, lies.count, lies.varying, entries_.slope_settings.data()));
    for (size_t j = 0; j < learned; j++) {
      const at::Tensor& p = inputs[j + 1];
      if (!task_should_compute_output(j + 1)) continue;
      at::Tensor gradient = at::empty(p.sizes(), p.options().requires_grad(false));
      const double* sums = total.data() + j * static_cast<size_t>(count_);
      double all = 0;
      for (int64_t c = 0; c < count_; c++) all += sums[c];
      AT_DISPATCH_FLOATING_TYPES_AND2(at::kHalf, at::kBFloat16, p.scalar_type(), "nonlin", [&] {
        auto* to = gradient.mutable_data_ptr<scalar_t>();
        for (int64_t c = 0; c < p.numel(); c++) to[c] = static_cast<scalar_t>(p.numel() == 1 ? all : sums[c]);
      });
      found[j + 1] = gradient;
    }
  }

  const LearnedEntries& entries_;
  int64_t count_;
};

struct Learned : Function {
  LearnedEntries entries[kDtypes];

  // How many channels the parameters tell apart; 0 where only the composite can broadcast them.
  static int64_t count(const variable_list& inputs) {
    const at::Tensor& x = inputs[0];
    int64_t count = 1;
    for (size_t j = 1; j < inputs.size(); j++) {
      const at::Tensor& p = inputs[j];
      if (p.scalar_type() != x.scalar_type() || !plain(p)) return 0;
      if (p.numel() == 1) continue;
      // one dimension, as torch gives them, or shaped (channels, 1, ...) to broadcast; (channels,) against one dimension is neither
      if (x.dim() < 2 || p.numel() != x.size(1) || p.size(0) != p.numel() || (p.dim() > 1 && p.dim() != x.dim() - 1)) return 0;
      count = p.numel();
    }
    return count;
  }

  // f(x, parameters...), all of them tensors
  static PyObject* call(PyObject* self, PyObject* const* given, size_t flags, PyObject* names) {
    HANDLE_TH_ERRORS
    auto& function = Callable<Learned>::of(self);
    const auto number = PyVectorcall_NARGS(flags);
    bool tensors = names == nullptr && number == static_cast<Py_ssize_t>(function.defaults.size()) + 1;
    for (Py_ssize_t i = 0; tensors && i < number; i++) tensors = THPVariable_CheckExact(given[i]);
    if (tensors && plain_thread()) {
      variable_list inputs;
      for (Py_ssize_t i = 0; i < number; i++) inputs.push_back(THPVariable_Unpack(given[i]));
      const int dtype = dtype_index(inputs[0].scalar_type());
      if (dtype >= 0 && function.entries[dtype].values != nullptr && plain(inputs[0]))
        if (const int64_t channels = count(inputs)) return THPVariable_Wrap(function.result(inputs, function.entries[dtype], channels));
    }
    return PyObject_Vectorcall(function.portable, given, flags, names);
    END_HANDLE_TH_ERRORS
  }

  at::Tensor result(const variable_list& inputs, const LearnedEntries& entries, int64_t count) const {
    const Table table = table_of(inputs, count);
    at::Tensor y;
    {
      Unlocked while_working(inputs[0].numel());
      if (count == 1) {
        y = entries.shared.values(inputs[0], LearnedStep::with(entries.shared.value_intervals.any, table).data());
      } else {
        const at::Tensor x = in_channels(inputs[0], count);
        const Channels lies = channels_of(x, count);
        y = empty_as(x);
        check(entries.values(
            y.mutable_data_ptr(), x.const_data_ptr(), table.data(), lies.rows, lies.columns, lies.count, lies.varying,
            entries.value_settings.data()));
      }
    }
    for (const auto& input : inputs)
      if (recording(input)) return recorded(y, c10::make_intrusive<LearnedStep>(*this, entries, inputs, count));
    return y;
  }

  // add(dtype, addresses of value, slope, learned_values, learned_slopes, learned_sums, sum_pieces, their two intervals)
  static PyObject* add(PyObject* self, PyObject* arguments) {
    auto& function = Callable<Learned>::of(self);
    int dtype = 0;
    unsigned long long at[6] = {};
    Interval value, slope, table_value, table_slope;
    if (!PyArg_ParseTuple(
            arguments, "i(KKKKKK)(dd)(dd)(dd)(dd)", &dtype, &at[0], &at[1], &at[2], &at[3], &at[4], &at[5], &value.low, &value.high,
            &slope.low, &slope.high, &table_value.low, &table_value.high, &table_slope.low, &table_slope.high))
      return nullptr;
    LearnedEntries found;
    found.shared.value_intervals = {value, value};
    found.shared.slope_intervals = {slope, slope};
    found.shared.value = reinterpret_cast<decltype(found.shared.value)>(at[0]);
    found.shared.slope = reinterpret_cast<decltype(found.shared.slope)>(at[1]);
    found.values = reinterpret_cast<decltype(found.values)>(at[2]);
    found.slopes = reinterpret_cast<decltype(found.slopes)>(at[3]);
    found.sums = reinterpret_cast<decltype(found.sums)>(at[4]);
    found.pieces = reinterpret_cast<decltype(found.pieces)>(at[5]);
    found.value_settings = Settings({table_value, table_value}, {}, {});
    found.slope_settings = Settings({table_slope, table_slope}, {}, {});
    function.entries[dtype] = found;
    Py_RETURN_NONE;
  }
};

} // namespace nonlin
