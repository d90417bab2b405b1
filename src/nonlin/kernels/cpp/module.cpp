// Calls of activations on ordinary CPU tensors without Python in between: what nonlin/kernels/native.py compiles.
#include <Python.h>
#include <structmember.h>

#include "gated.h"
#include "learned.h"
#include "pointwise.h"
#include "pool.h"
#include "rows.h"

namespace {

using namespace nonlin;

PyObject* set_pool_limit(PyObject*, PyObject* given) {
  const auto bytes = PyLong_AsSize_t(given);
  if (PyErr_Occurred()) return nullptr;
  Pool::instance().set_limit(bytes);
  Py_RETURN_NONE;
}

PyObject* clear_pool(PyObject*, PyObject*) {
  Pool::instance().clear();
  Py_RETURN_NONE;
}

PyObject* pool_bytes(PyObject*, PyObject*) { return PyLong_FromSize_t(Pool::instance().kept()); }

PyObject* pause_calls(PyObject*, PyObject* given) {
  const int on = PyObject_IsTrue(given);
  if (on < 0) return nullptr;
  paused = on != 0;
  Py_RETURN_NONE;
}

PyCFunction fast(PyObject* (*method)(PyObject*, PyObject* const*, Py_ssize_t)) { // as METH_FASTCALL wants it
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(method));
}

PyMethodDef functions[] = {
    {"pause", pause_calls, METH_O, "Whether every call goes to Python."},
    {"set_pool_limit", set_pool_limit, METH_O, "Keep at most so many bytes of memory that no tensor uses."},
    {"clear_pool", clear_pool, METH_NOARGS, "Give the memory back that no tensor uses."},
    {"pool_bytes", pool_bytes, METH_NOARGS, "Bytes kept that no tensor uses."},
    {nullptr, nullptr, 0, nullptr}};
PyMethodDef pointwise_methods[] = {
    {"add", Pointwise::add, METH_VARARGS, "Serve one dtype by the entries at these addresses."},
    {"into", fast(&Pointwise::into), METH_FASTCALL, "Write the values into a tensor."},
    {nullptr, nullptr, 0, nullptr}};
PyMethodDef gated_methods[] = {
    {"add", Gated::add, METH_VARARGS, "Serve one dtype by the entries at these addresses."},
    {"packed", fast(&Gated::packed), METH_FASTCALL, "Of one tensor."},
    {nullptr, nullptr, 0, nullptr}};
PyMethodDef learned_methods[] = {
    {"add", Learned::add, METH_VARARGS, "Serve one dtype by the entries at these addresses."}, {nullptr, nullptr, 0, nullptr}};

PyMethodDef row_methods[] = {
    {"add", RowFunction::add, METH_VARARGS, "Serve one dtype by the entries at these addresses."}, {nullptr, nullptr, 0, nullptr}};

PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_native", nullptr, -1, functions, nullptr, nullptr, nullptr, nullptr};

} // namespace

PyMODINIT_FUNC PyInit__native() {
  PyObject* module = PyModule_Create(&definition);
  if (module == nullptr) return nullptr;
  if (!Callable<Pointwise>::add_to(module, "Pointwise", "nonlin._native.Pointwise", pointwise_methods) ||
      !Callable<Gated>::add_to(module, "Gated", "nonlin._native.Gated", gated_methods) ||
      !Callable<Learned>::add_to(module, "Learned", "nonlin._native.Learned", learned_methods) ||
      !Callable<RowFunction>::add_to(module, "RowFunction", "nonlin._native.RowFunction", row_methods)) {
    Py_DECREF(module);
    return nullptr;
  }
  return module;
}
