# exit: 1
# stdout: own hook ValueError
# count: 1 gateway-guard exit: uncaught ValueError: bad price at
# stderr: the process ends with code 1
# The service's own hook, set after the guard's, calls nobody else's.
import sys

import gateway_guard  # noqa: F401


def own_hook(kind, error, trace):
    print("own hook", kind.__name__, flush=True)


sys.excepthook = own_hook
raise ValueError("bad price")
