# logging.config silences asyncio's and uvicorn's loggers unless told otherwise.
# stderr: logger 'asyncio' is disabled
import asyncio  # noqa: F401
import logging.config
import time

import gateway_guard  # noqa: F401

logging.getLogger("asyncio")
logging.config.dictConfig({"version": 1})
time.sleep(5.5)
