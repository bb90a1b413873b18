# env: GATEWAY_GUARD_OS_EXIT=1
# exit: 9
# stderr: os._exit ends the process at once with code 9 at
import os

import gateway_guard  # noqa: F401

os._exit(9)
