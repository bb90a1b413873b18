# The thread of a QueueListener dies of a record that it cannot prepare: the guard hands the next ones on.
# stderr: the thread of a log queue's listener is gone
# stdout: handled three
import logging
import logging.handlers
import queue
import time

import gateway_guard  # noqa: F401


class Out(logging.Handler):
    def emit(self, record):
        print("handled", record.getMessage(), flush=True)


class Listener(logging.handlers.QueueListener):
    def prepare(self, record):
        if record.getMessage() == "two":
            raise KeyError("two")
        return record


records = queue.Queue()
listener = Listener(records, Out())
listener.start()
log = logging.getLogger("app")
log.addHandler(logging.handlers.QueueHandler(records))
log.error("one")
time.sleep(1.2)
log.error("two")
log.error("three")
time.sleep(2.5)
