# exit: 1
# stderr: ValueError: bad price
# stderr: gateway-guard exit: uncaught ValueError: bad price at
# stderr: the process ends with code 1
import gateway_guard  # noqa: F401


def price():
    raise ValueError("bad price")


price()
