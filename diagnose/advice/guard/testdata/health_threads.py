# A program without an event loop: WSGI, with a check that hangs and one that is fine.
# stdout: 503 Service Unavailable
# stdout: no answer in 0.2 s
import time

import gateway_guard

health = gateway_guard.Health(limit=1.0)
health.add("database", lambda: time.sleep(5), limit=0.2)
health.add("disk", lambda: None)
answer = health.wsgi({}, lambda status, headers: print(status))
print(answer[0].decode())
import os  # noqa: E402
import sys  # noqa: E402

sys.stdout.flush()
os._exit(0)
