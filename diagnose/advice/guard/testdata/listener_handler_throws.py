# A handler that throws in the listener's thread does not end it.
# stderr: ValueError: no room at
# stderr: in a log queue's listener, whose thread would have died of it
# stdout: handled two
import logging
import logging.handlers
import queue
import time

import gateway_guard  # noqa: F401


class Out(logging.Handler):
    def emit(self, record):
        if record.getMessage() == "one":
            raise ValueError("no room")
        print("handled", record.getMessage(), flush=True)


records = queue.Queue()
listener = logging.handlers.QueueListener(records, Out())
listener.start()
log = logging.getLogger("app")
log.addHandler(logging.handlers.QueueHandler(records))
log.error("one")
log.error("two")
time.sleep(0.5)
listener.stop()
