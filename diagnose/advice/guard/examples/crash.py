# exit: -11
# stderr: Fatal Python error: Segmentation fault
# stderr: in decode

import gateway_guard  # noqa: F401  the first import: faulthandler is on
import ctypes


def decode():
    ctypes.string_at(0)  # what a faulty C extension does


decode()
