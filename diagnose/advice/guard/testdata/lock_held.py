# Another thread holds the handler's lock for ever: the record comes after the wait, the next one at once.
# env: GATEWAY_GUARD_LOCK_WAIT=0.2
# stderr: the lock is held by another thread
# stderr: its record: ERROR app: one
# stderr: its record: ERROR app: two
import logging
import os
import threading

import gateway_guard  # noqa: F401

handler = logging.StreamHandler()
log = logging.getLogger("app")
log.addHandler(handler)
held = threading.Event()


def hold():
    handler.acquire()
    held.set()
    threading.Event().wait()


threading.Thread(target=hold, daemon=True).start()
held.wait()
log.error("one")
log.error("two")
os._exit(0)  # logging.shutdown would wait for the lock, with or without the guard
