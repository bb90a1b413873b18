# exit: 7
# stderr: sys.exit gave code 7
# stderr: leave
import sys

import gateway_guard  # noqa: F401


def leave():
    # somewhere deep
    sys.exit(7)


leave()
