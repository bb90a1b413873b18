# A filter that throws, on the logger and on the handler.
# stderr: gateway-guard logging: KeyError: 'tenant'
# stderr: its record: WARNING app: one
# stderr: its record: WARNING other: two
# stdout: went on
import logging

import gateway_guard  # noqa: F401


class Filter(logging.Filter):
    def filter(self, record):
        return {}["tenant"]


logging.getLogger("app").addFilter(Filter())
handler = logging.StreamHandler()
handler.addFilter(Filter())
logging.getLogger("other").addHandler(handler)
logging.getLogger("app").warning("one")
logging.getLogger("other").warning("two")
print("went on")
