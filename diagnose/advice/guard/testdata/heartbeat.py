# env: GATEWAY_GUARD_HEARTBEAT=0.5
# stderr: gateway-guard heartbeat: up
# stderr: resident
import time

import gateway_guard  # noqa: F401

time.sleep(1.3)
