// A step of the autograd graph that keeps its inputs and nothing else; a step of rows may keep its output instead.
#pragma once

#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>
#include <torch/csrc/autograd/saved_variable.h>
#include <torch/csrc/dynamo/compiled_autograd.h>

#include "python.h"
#include "tensors.h"

namespace nonlin {

using torch::autograd::variable_list;

// Gradients come from `fused` where every tensor is an ordinary one, of the dtype and shape that was recorded (a hook may hand
// back another), and none of them is to be differentiated again; and from the Python function `composite(grad, inputs...,
// parameters...)` otherwise.
class Step : public torch::autograd::Node {
 public:
  Step(
      std::string label, PyObject* composite, const variable_list& inputs, std::vector<double> parameters, bool keep = true)
      : label_(std::move(label)), composite_(composite), parameters_(std::move(parameters)) {
    for (const auto& input : inputs) {
      if (keep) saved_.emplace_back(input, /*is_output=*/false);
      sizes_.emplace_back(input.sizes());
    }
    dtype_ = inputs[0].scalar_type();
    set_next_edges(torch::autograd::collect_next_edges(inputs));
  }

  // For a step with one input of the output's shape, made with keep=false: once the output has this step as its history.
  void keep_output(const at::Tensor& y) {
    saved_.emplace_back(y, /*is_output=*/true);
    of_output_ = true;
  }

  std::string name() const override { return label_ + "Backward"; }

  variable_list apply(variable_list&& grads) override {
    std::lock_guard<std::mutex> lock(mutex_);
    at::Tensor grad = std::move(grads[0]);
    if (!grad.defined()) return variable_list(saved_.size());
    variable_list inputs;
    for (const auto& variable : saved_) inputs.push_back(unpacked(variable));
    if (!at::GradMode::is_enabled() && plain_thread() && as_recorded(grad, inputs)) return fused(std::move(grad), inputs);
    inputs.insert(inputs.begin(), std::move(grad));
    auto found = call_python(composite_, inputs, parameters_);
    for (size_t i = 0; i < found.size(); i++)
      if (!task_should_compute_output(i)) found[i] = at::Tensor();
    return found;
  }

  void release_variables() override {
    std::lock_guard<std::mutex> lock(mutex_);
    for (auto& variable : saved_) variable.reset_data();
  }

  // Compiled autograd puts a call of `replay` into its graph, and traces the composite through it.
  void compiled_args(torch::dynamo::autograd::CompiledNodeArgs& args) const override {
    args.collect(label_);
    args.collect(reinterpret_cast<uint64_t>(composite_));
    args.collect(saved_, of_output_);
    for (double number : parameters_) args.collect(number);
  }

  variable_list apply_with_saved(const variable_list& grads, torch::dynamo::autograd::SwapSavedVariables& saved) override {
    using namespace torch::dynamo::autograd;
    saved.before(saved_);
    ivalue_list arguments = {reinterpret_cast<int64_t>(composite_), parameters_};
    std::vector<at::TypePtr> schema = {at::IntType::get(), at::ListType::ofFloats()};
    for (const auto& variable : saved_) {
      arguments.emplace_back(unpacked(variable));
      schema.push_back(at::TensorType::get());
    }
    const auto& python = getPyCompilerInterface();
    const auto told = IValuePacker<std::vector<std::optional<InputMetadata>>>::pack(get_input_metadata(next_edges()));
    const auto function = python->bind_function(saved.get_py_compiler(), name(), &Step::replay, schema, true, true);
    auto found = python->call_function(saved.get_py_compiler(), "apply_functional", function, grads, arguments, told);
    saved.after(saved_);
    return found;
  }

 protected:
  // The shape of the result, of inputs of the recorded shapes.
  virtual bool fits(const at::Tensor& grad, const variable_list& inputs) const { return grad.sizes() == inputs[0].sizes(); }
  virtual variable_list fused(at::Tensor grad, const variable_list& inputs) = 0;
  const std::vector<double>& parameters() const { return parameters_; }

 private:
  static variable_list replay(const variable_list& grads, const std::vector<c10::IValue>& arguments) {
    variable_list inputs = {grads[0]};
    for (size_t i = 2; i < arguments.size(); i++) inputs.push_back(arguments[i].toTensor());
    if (!grads[0].defined()) return variable_list(inputs.size() - 1);
    return call_python(reinterpret_cast<PyObject*>(arguments[0].toInt()), inputs, arguments[1].toDoubleVector());
  }

  at::Tensor unpacked(const torch::autograd::SavedVariable& variable) {
    return of_output_ ? variable.unpack(getptr()) : variable.unpack();
  }

  bool as_recorded(const at::Tensor& grad, const variable_list& inputs) const {
    bool same = plain(grad) && grad.scalar_type() == dtype_;
    for (size_t i = 0; same && i < inputs.size(); i++)
      same = plain(inputs[i]) && inputs[i].scalar_type() == dtype_ && inputs[i].sizes() == at::IntArrayRef(sizes_[i]);
    return same && fits(grad, inputs);
  }

  std::string label_;
  at::ScalarType dtype_;
  std::vector<at::DimVector> sizes_;
  PyObject* composite_; // lives as long as the process: functions are built once
  std::vector<double> parameters_;
  std::vector<torch::autograd::SavedVariable> saved_;
  bool of_output_ = false; // what is saved is the output
};

// `y` as the result of `step`.
inline at::Tensor recorded(at::Tensor y, c10::intrusive_ptr<Step> step) {
  torch::autograd::set_history(y, step);
  return y;
}

} // namespace nonlin
