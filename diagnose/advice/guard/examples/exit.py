# exit: 7
# stderr: sys.exit gave code 7
# stderr: gateway-guard start: pid

# [
import gateway_guard  # the first import: pid at the start, and at the end the code and who gave it
import sys

gateway_guard.tell_os_exit()  # os._exit runs no atexit: only this can tell of it
# ]
sys.exit(7)
