import ctypes


def inner():
    ctypes.string_at(0)


def outer():
    inner()


outer()
