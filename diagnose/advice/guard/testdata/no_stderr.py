# Descriptor 2 is closed at the start, and a data file gets its number: nothing may be written there.
# stderr-closed: yes
# exit: 0
# stdout: data ''
import logging
import os

data = os.open("data.tmp", os.O_CREAT | os.O_RDWR | os.O_TRUNC)
import gateway_guard  # noqa: E402

gateway_guard.tell("CRITICAL", "test", "nobody hears")
logging.getLogger("app").addHandler(logging.FileHandler("/dev/full"))
logging.getLogger("app").error("lost")
print("data", repr(open("data.tmp").read()), gateway_guard.metrics().count("lines_lost"))
os.unlink("data.tmp")
