"""The C++ compiler of this machine, with what it takes to compile against torch and Python: ``$CXX``, c++, g++, clang++."""

from __future__ import annotations

import os
import sys
import sysconfig
from functools import cache
from pathlib import Path

import torch

from nonlin.kernels import compiler

TIMEOUT = 900.0  # seconds; torch's headers take 22 on the benchmarks' machine, and many times that on a slow one
_FLAGS = ("-O2", "-std=c++20", "-shared", "-fPIC", "-fvisibility=hidden", "-w")
_LIBRARIES = ("-ltorch", "-ltorch_cpu", "-ltorch_python", "-lc10")


@cache
def cpp_compiler() -> compiler.Compiler | None:
    """A compiler and its flags; None where there is none, compiling is turned off, or headers are missing.

    Linux alone: elsewhere nothing of this has been tried. Nor on a Python without its lock, which the module would bring back.
    """
    if sys.platform != "linux" or sysconfig.get_config_var("Py_GIL_DISABLED") or compiler.compiler() is None:
        return None
    command = compiler.first_program(compiler.split(os.environ.get("CXX", "")), ["c++"], ["g++"], ["clang++"])
    headers = [*_torch_headers(), Path(sysconfig.get_paths()["include"])]
    wanted = (headers[0] / "torch" / "csrc" / "autograd" / "function.h", headers[-1] / "Python.h")
    if command is None or not all(map(Path.exists, wanted)):
        return None
    abi = f"-D_GLIBCXX_USE_CXX11_ABI={int(torch.compiled_with_cxx11_abi())}"
    flags = (*_FLAGS, abi, *(f"-I{folder}" for folder in headers))
    identity = f"{compiler.identity(command)}\n{torch.__version__} {torch.version.git_version}\n{sys.version}"
    folder = f"-L{Path(torch.__file__).parent / 'lib'}"
    return compiler.Compiler(command, identity, flags, ".cpp", (folder, *_LIBRARIES), TIMEOUT)


def _torch_headers() -> tuple[Path, Path]:
    base = Path(torch.__file__).parent / "include"
    return base, base / "torch" / "csrc" / "api" / "include"
