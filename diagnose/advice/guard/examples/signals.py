# stderr: SIGTERM received; stop_on_signal.<locals>.ask answers it
# stdout: stopped in good order
# setup: import os, threading; threading.Timer(0.5, os.kill, (os.getpid(), 15)).start()

import gateway_guard  # a server's own handlers go on working: the guard only tells of the signal
import threading

# For a program without a server: the first SIGTERM asks, a second one ends at once with 128 + 15.
stopping = threading.Event()
gateway_guard.stop_on_signal(stopping.set)
while not stopping.wait(1.0):
    pass  # one round of work
print("stopped in good order")
