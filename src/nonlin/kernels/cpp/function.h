// What every callable of this module has: names, the Python functions that stand in for it, and its default parameters.
#pragma once

#include <Python.h>
#include <structmember.h>

#include <string>
#include <vector>

#include "python.h"
#include "settings.h"

namespace nonlin {

struct Function {
  std::string label; // its name in graphs
  PyObject* portable = nullptr; // the same function in Python, for whatever the kernels do not take
  PyObject* composite = nullptr; // composite(grad, inputs..., parameters...): its gradients, differentiable
  PyObject* portable_method = nullptr; // the same two of the method that a class has beside the call
  PyObject* composite_method = nullptr;
  std::vector<double> defaults;
};

// The numbers among `count` arguments at `given`; false where one is none.
inline bool numbers_of(PyObject* const* given, Py_ssize_t count, std::vector<double>& numbers) {
  for (Py_ssize_t i = 0; i < count; i++) {
    if (!PyFloat_CheckExact(given[i])) return false;
    numbers.push_back(PyFloat_AS_DOUBLE(given[i]));
  }
  return true;
}

// What `add` takes for a dtype: the addresses of two entries, and for each the interval with the default parameters and with others.
struct Added {
  int dtype = 0;
  unsigned long long first = 0, second = 0;
  Intervals first_intervals, second_intervals;

  bool parse(PyObject* arguments) { // false with a Python error set
    auto &f = first_intervals, &s = second_intervals;
    return PyArg_ParseTuple(
        arguments, "iKK(dddd)(dddd)", &dtype, &first, &second, &f.usual.low, &f.usual.high, &f.any.low, &f.any.high,
        &s.usual.low, &s.usual.high, &s.any.low, &s.any.high);
  }
};

// A callable Python object around a function, which is never destroyed: steps of graphs refer to it.
template <class T>
struct Callable {
  PyObject_HEAD
  vectorcallfunc vectorcall;
  T* function;

  static T& of(PyObject* self) { return *reinterpret_cast<Callable*>(self)->function; }

  // Callable(label, defaults, portable, composite[, portable and composite of its method])
  static PyObject* make(PyTypeObject* type, PyObject* arguments, PyObject* /*keywords*/) {
    const char* label = nullptr;
    PyObject* defaults = nullptr;
    auto function = std::make_unique<T>();
    if (!PyArg_ParseTuple(
            arguments, "sO!OO|OO", &label, &PyTuple_Type, &defaults, &function->portable, &function->composite,
            &function->portable_method, &function->composite_method))
      return nullptr;
    function->label = label;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(defaults); i++)
      function->defaults.push_back(PyFloat_AsDouble(PyTuple_GET_ITEM(defaults, i)));
    if (PyErr_Occurred()) return nullptr;
    PyObject* self = type->tp_alloc(type, 0);
    if (self == nullptr) return nullptr;
    for (PyObject* held : {function->portable, function->composite, function->portable_method, function->composite_method})
      Py_XINCREF(held);
    reinterpret_cast<Callable*>(self)->vectorcall = &T::call;
    reinterpret_cast<Callable*>(self)->function = function.release();
    return self;
  }

  static void end(PyObject* self) {
    PyTypeObject* type = Py_TYPE(self);
    type->tp_free(self);
    Py_DECREF(type);
  }

  static bool add_to(PyObject* module, const char* name, const char* qualified, PyMethodDef* methods) {
    static PyMemberDef members[] = {
        {"__vectorcalloffset__", T_PYSSIZET, offsetof(Callable, vectorcall), READONLY, nullptr}, {nullptr, 0, 0, 0, nullptr}};
    PyType_Slot slots[] = {
        {Py_tp_new, reinterpret_cast<void*>(&Callable::make)},
        {Py_tp_dealloc, reinterpret_cast<void*>(&Callable::end)},
        {Py_tp_call, reinterpret_cast<void*>(&PyVectorcall_Call)},
        {Py_tp_members, members},
        {Py_tp_methods, methods},
        {0, nullptr}};
    PyType_Spec spec = {qualified, sizeof(Callable), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL, slots};
    PyObject* type = PyType_FromSpec(&spec);
    return type != nullptr && PyModule_AddObject(module, name, type) == 0;
  }
};

// Up to so many elements the interpreter's lock is kept: giving it up costs 0.1 us, more under contention.
constexpr int64_t kHeld = 4096;

class Unlocked { // the interpreter's lock given up for long work, taken back at the end
 public:
  explicit Unlocked(int64_t elements) : state_(elements > kHeld ? PyEval_SaveThread() : nullptr) {}
  ~Unlocked() {
    if (state_ != nullptr) PyEval_RestoreThread(state_);
  }

 private:
  PyThreadState* state_;
};

} // namespace nonlin
