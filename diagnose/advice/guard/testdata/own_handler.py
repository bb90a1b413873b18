# The service's own handler still runs, getsignal shows it, and the signal is told.
# exit: 3
# stderr: SIGTERM received; stop answers it; the main thread was at
# stdout: stopping True
import os
import signal
import sys

import gateway_guard  # noqa: F401


def stop(signum, frame):
    print("stopping", signal.getsignal(signal.SIGTERM) is stop)
    sys.exit(3)


assert signal.signal(signal.SIGTERM, stop) == signal.SIG_DFL
os.kill(os.getpid(), signal.SIGTERM)
