# A probe with the wrong port or a missing tool never reaches the service: told once.
# env: GATEWAY_GUARD_PROBED_WITHIN=0.3
# count: 1 nobody has asked for the health check in the first 0.3 s
import time

import gateway_guard

health = gateway_guard.Health()
asked = gateway_guard.Health()
asked.check_in_threads()
time.sleep(1)
