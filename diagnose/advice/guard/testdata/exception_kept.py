# A rescued record keeps its traceback.
# stderr: its record: ERROR app: failed
# stderr: ZeroDivisionError: division by zero
import logging

import gateway_guard  # noqa: F401

logging.raiseExceptions = False
log = logging.getLogger("app")
log.addHandler(logging.FileHandler("/dev/full"))
try:
    1 / 0
except ZeroDivisionError:
    log.exception("failed")
