# A handler whose emit throws, without handleError: the caller goes on, the next handler gets the record.
# stderr: gateway-guard logging: ValueError: no room
# stderr: its record: INFO app: order {'id': 1} taken
# stdout: second got order
# stdout: went on
import logging

import gateway_guard  # noqa: F401


class Broken(logging.Handler):
    def emit(self, record):
        raise ValueError("no room")


class Second(logging.Handler):
    def emit(self, record):
        print("second got", record.getMessage())


log = logging.getLogger("app")
log.setLevel("INFO")
log.addHandler(Broken())
log.addHandler(Second())
log.info("order %s taken", {"id": 1})
print("went on")
