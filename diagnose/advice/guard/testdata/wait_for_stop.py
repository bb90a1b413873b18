# A program of threads: the main thread waits for the stop, and knows who sent it.
# exit: 0
# stderr: SIGTERM received from pid
# stdout: stopped by 15
import os
import signal
import threading
import time

import gateway_guard

gateway_guard.block_stop_signals()
threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
if os.fork() == 0:
    time.sleep(0.3)
    os.kill(os.getppid(), signal.SIGTERM)
    os._exit(0)
print("stopped by", gateway_guard.wait_for_stop(10))
