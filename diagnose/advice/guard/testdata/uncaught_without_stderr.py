# sys.stderr is closed: Python itself would print nothing at all.
# exit: 1
# stderr: Traceback (most recent call last):
# stderr: gateway-guard exit: uncaught ValueError: bad price at
import sys

import gateway_guard  # noqa: F401

sys.stderr.close()
raise ValueError("bad price")
