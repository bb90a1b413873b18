# uvicorn from 0.29 ends by the signal that it handled: no atexit function runs, the last words come all the same.
# exit: -15
# stderr: SIGTERM received
# stderr: gateway-guard exit: the process is about to end by SIGTERM, which it has handled
# not: most recent call first
import os
import signal

import gateway_guard  # noqa: F401

before = signal.signal(signal.SIGTERM, lambda signum, frame: None)
os.kill(os.getpid(), signal.SIGTERM)
signal.signal(signal.SIGTERM, before)
os.kill(os.getpid(), signal.SIGTERM)
