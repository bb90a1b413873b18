# SIGTERM with its default action, while C code runs that never returns to Python: it ends as it would have, and says where.
# exit: -15
# stderr: script.py
# stderr: in compute
import os
import signal
import threading
import time

import gateway_guard  # noqa: F401


def compute():
    sum(range(10**12))


def kill():
    time.sleep(0.3)
    os.kill(os.getpid(), signal.SIGTERM)


if os.fork() == 0:
    time.sleep(0.5)
    os.kill(os.getppid(), signal.SIGTERM)
    os._exit(0)
compute()
