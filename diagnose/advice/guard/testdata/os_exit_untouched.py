# Not asked for: os._exit stays what it was.
# exit: 9
# not: os._exit ends
import os

before = os._exit
import gateway_guard  # noqa: E402,F401

assert os._exit is before
os._exit(9)
