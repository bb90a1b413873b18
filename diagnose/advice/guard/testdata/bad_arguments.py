# Arguments that do not fit, and one whose text throws: both are told, nothing raises or recurses.
# stderr: its record: ERROR app: %d items ('three',)
# stderr: gateway-guard logging: RuntimeError: no text
# stdout: went on
import logging

import gateway_guard  # noqa: F401


class Bad:
    def __str__(self):
        raise RuntimeError("no text")

    __repr__ = __str__


logging.basicConfig()
log = logging.getLogger("app")
log.error("%d items", "three")
log.error("%s", Bad())
print("went on")
