# exit: -11
# stderr: Fatal Python error: Segmentation fault
# stderr: script.py
import ctypes

import gateway_guard  # noqa: F401

ctypes.string_at(0)
