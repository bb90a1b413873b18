# stderr: gateway-guard logging: OSError: [Errno 28] No space left on device
# stderr: its record: ERROR orders: order 42 is lost

# [
import gateway_guard  # noqa: F401  the first import: what a log handler cannot write goes to stderr from here on
# ]
import logging

orders = logging.getLogger("orders")
orders.addHandler(logging.FileHandler("/dev/full"))  # as on a full disk
orders.error("order %d is lost", 42)
