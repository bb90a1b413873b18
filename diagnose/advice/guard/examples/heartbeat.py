# run: script
# stderr: gateway-guard start:

import gateway_guard  # noqa: F401  the first import: everything after it is watched
