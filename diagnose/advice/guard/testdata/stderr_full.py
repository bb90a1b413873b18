# Standard error leads to a pipe that nobody reads: a program that only tells goes on, and counts what it could not say.
# stdout: went on True
import os
import time

read, write = os.pipe()
os.dup2(write, 2)
import gateway_guard  # noqa: E402

began = time.monotonic()
for _ in range(40):
    gateway_guard.tell("INFO", "test", "x" * 4000)
    if gateway_guard.metrics().count("lines_lost_total 0") == 0 and time.monotonic() - began > 0.5:
        break
print("went on", time.monotonic() - began < 5, flush=True)
os._exit(0)
