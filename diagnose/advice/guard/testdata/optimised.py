# flags: -OO
# stderr: its record: ERROR root: told
import logging

import gateway_guard  # noqa: F401

logging.raiseExceptions = False
logging.getLogger().addHandler(logging.FileHandler("/dev/full"))
logging.error("told")
