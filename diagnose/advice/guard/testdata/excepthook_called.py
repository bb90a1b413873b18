# exit: 0
# count: 1 gateway-guard exit: uncaught KeyError: 'id' at
# stderr: the main program has come to its end
# not: by an uncaught exception
# A service that hands an error to sys.excepthook itself, to have it printed, goes on after it.
import sys

import gateway_guard  # noqa: F401

try:
    {}["id"]
except KeyError:
    sys.excepthook(*sys.exc_info())
