# The handler's stream is closed, and sys.stderr with it.
# stderr: gateway-guard logging: ValueError: I/O operation on closed file
# stderr: its record: ERROR root: still here
import logging
import sys

import gateway_guard  # noqa: F401

logging.basicConfig()
sys.stderr.close()
logging.error("still here")
