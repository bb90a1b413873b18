# stdout: gateway_guard_records_rescued_total 0
# stdout: 200

import gateway_guard

health = gateway_guard.Health()  # "degraded" while nobody reads a log queue
code, body = health.check_in_threads()
print(code, body)
print(gateway_guard.metrics())  # gateway_guard_records_rescued_total: alert when it rises
