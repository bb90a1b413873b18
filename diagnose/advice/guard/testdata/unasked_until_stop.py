# A service that is stopped before a probe has come tells that, too: its watcher does not wait.
# count: 1 nobody has asked for the health check until the stop, 3
# exit: 0
import os
import signal
import threading
import time

import gateway_guard

health = gateway_guard.Health()
stopping = threading.Event()
signal.signal(signal.SIGTERM, lambda signum, frame: stopping.set())
time.sleep(3.1)
os.kill(os.getpid(), signal.SIGTERM)
stopping.wait(5)
os.kill(os.getpid(), signal.SIGTERM)
