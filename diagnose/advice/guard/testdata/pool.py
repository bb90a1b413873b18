# stderr: pool redis is nearly used up: 46 of 50 connections are out
# stderr: pool redis is used up: 50 of 50 connections are out
# stdout: gateway_guard_pool_used{pool="redis"} 50
import time

import gateway_guard

used = 46
gateway_guard.watch_pool("redis", lambda: (used, 50))
time.sleep(1.5)
used = 50
time.sleep(1.5)
print(gateway_guard.metrics())
