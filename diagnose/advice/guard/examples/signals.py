# stderr: SIGTERM received; stop_on_signal.<locals>.ask answers it
# stdout: stopped in good order
# setup: import os, signal, threading, time
# setup: unset = lambda: signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
# setup: ask = lambda: any(time.sleep(0.05) for _ in iter(unset, False)) or os.kill(os.getpid(), signal.SIGTERM)
# setup: threading.Thread(target=ask).start()

import gateway_guard  # a server's own handlers go on working: the guard only tells of the signal
import threading

# For a program without a server: the first SIGTERM asks, a second one ends at once with 128 + 15.
stopping = threading.Event()
gateway_guard.stop_on_signal(stopping.set)
while not stopping.wait(1.0):
    pass  # one round of work
print("stopped in good order")
