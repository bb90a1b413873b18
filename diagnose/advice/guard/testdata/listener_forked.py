# A QueueListener started before the fork has no thread in the worker: its records would vanish.
# stdout: handled in the worker
import logging
import logging.handlers
import os
import queue
import time

import gateway_guard  # noqa: F401


class Out(logging.Handler):
    def emit(self, record):
        print("handled", record.getMessage(), flush=True)


records = queue.Queue()
listener = logging.handlers.QueueListener(records, Out())
listener.start()
log = logging.getLogger("app")
log.addHandler(logging.handlers.QueueHandler(records))
pid = os.fork()
if pid == 0:
    log.error("in the worker")
    time.sleep(2)
    os._exit(0)
os.waitpid(pid, 0)
listener.stop()
