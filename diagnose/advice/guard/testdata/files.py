# stderr: file descriptors are open; at the limit no connection is taken any more
import resource
import time

import gateway_guard  # noqa: F401

resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
held = [open("/dev/null") for _ in range(55)]
time.sleep(1.5)
