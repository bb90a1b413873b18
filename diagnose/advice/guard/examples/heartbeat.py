# env: GATEWAY_GUARD_HEARTBEAT=0.3
# stderr: gateway-guard heartbeat: up
# stderr: resident

import gateway_guard  # noqa: F401  GATEWAY_GUARD_HEARTBEAT=60: a line a minute with memory, threads, tasks, files, pools
import time

time.sleep(1)
