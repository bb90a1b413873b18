from __future__ import annotations

import atexit
import faulthandler
import logging
import os
import re
import select
import signal
import sys
import threading
import time
import weakref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import %s

VERSION = "%s"
