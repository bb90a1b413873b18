# A FileHandler on a full disk, with logging.raiseExceptions off: the record is not lost.
# stderr: gateway-guard logging: OSError: [Errno 28] No space left on device
# stderr: its record: ERROR app: payment 42 lost
# not: Logging error
import logging

import gateway_guard  # noqa: F401

logging.raiseExceptions = False
log = logging.getLogger("app")
log.addHandler(logging.FileHandler("/dev/full"))
log.error("payment %d lost", 42)
