// Calls back into Python, for what the kernels do not take.
#pragma once

#include <torch/csrc/Exceptions.h>
#include <torch/csrc/autograd/python_variable.h>

#include <memory>
#include <vector>

namespace nonlin {

struct Reference { // of a Python object, owned
  explicit Reference(PyObject* object) : object(object) {}
  Reference(const Reference&) = delete;
  Reference& operator=(const Reference&) = delete;
  ~Reference() { Py_XDECREF(object); }
  PyObject* object;
};

class Interpreter { // its lock, held for as long as this lives
 public:
  Interpreter() : state_(PyGILState_Ensure()) {}
  ~Interpreter() { PyGILState_Release(state_); }

 private:
  PyGILState_STATE state_;
};

inline PyObject* found(PyObject* object) { // a new reference, or the Python error as a C++ one
  if (object == nullptr) throw python_error();
  return object;
}

// function(arguments...) of tensors and numbers, whose result is a sequence of tensors and None.
inline std::vector<at::Tensor> call_python(
    PyObject* function, const std::vector<at::Tensor>& tensors, const std::vector<double>& numbers) {
  Interpreter locked;
  const auto count = tensors.size();
  Reference arguments(found(PyTuple_New(static_cast<Py_ssize_t>(count + numbers.size()))));
  for (size_t i = 0; i < count; i++)
    PyTuple_SET_ITEM(arguments.object, static_cast<Py_ssize_t>(i), THPVariable_Wrap(tensors[i]));
  for (size_t i = 0; i < numbers.size(); i++)
    PyTuple_SET_ITEM(arguments.object, static_cast<Py_ssize_t>(count + i), found(PyFloat_FromDouble(numbers[i])));
  Reference result(PyObject_CallObject(function, arguments.object));
  if (result.object == nullptr) {
    python_error error;
    error.persist(); // it leaves the interpreter's lock behind
    throw error;
  }
  Reference items(found(PySequence_Fast(result.object, "a gradient function of nonlin returned no sequence")));
  std::vector<at::Tensor> tensors_out;
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(items.object); i++) {
    PyObject* item = PySequence_Fast_GET_ITEM(items.object, i);
    tensors_out.push_back(item == Py_None ? at::Tensor() : THPVariable_Unpack(item));
  }
  return tensors_out;
}

} // namespace nonlin
