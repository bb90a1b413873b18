# A forked worker has its own thread, and the fork warns of none (Python 3.12 warns of forks with threads).
# flags: -W error
# stdout: worker True
# stdout: parent True
# exit: 0
import os
import threading

import gateway_guard  # noqa: F401


def is_there():
    return any(thread.name == "gateway-guard" and thread.is_alive() for thread in threading.enumerate())


pid = os.fork()
if pid == 0:
    print("worker", is_there(), flush=True)
    os._exit(0)
os.waitpid(pid, 0)
print("parent", is_there())
