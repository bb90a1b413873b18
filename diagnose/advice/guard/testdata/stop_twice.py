# The first signal asks, the second ends.
# exit: 143
# stderr: second SIGTERM: ended at once with 143
# stdout: asked
import os
import signal
import time

import gateway_guard

gateway_guard.stop_on_signal(lambda: print("asked", flush=True))
os.kill(os.getpid(), signal.SIGTERM)
time.sleep(0.1)
os.kill(os.getpid(), signal.SIGTERM)
time.sleep(5)
