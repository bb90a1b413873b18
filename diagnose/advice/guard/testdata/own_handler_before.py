# A handler that was there before the guard is chained too.
# exit: 0
# stderr: SIGINT received; stop answers it
# stdout: stopping
import os
import signal


def stop(signum, frame):
    print("stopping", flush=True)


signal.signal(signal.SIGINT, stop)
import gateway_guard  # noqa: E402,F401

os.kill(os.getpid(), signal.SIGINT)
