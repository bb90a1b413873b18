package inside

import "golang.org/x/sys/unix"

var machineCalls = map[int]call{
	unix.SYS_EPOLL_WAIT: {"epoll_wait", argEpoll}, unix.SYS_POLL: {"poll", argPoll},
	unix.SYS_SELECT: {"select", argOther}, unix.SYS_PAUSE: {"pause", argOther}, unix.SYS_OPEN: {"open", argOther},
	unix.SYS_STAT: {"stat", argOther}, unix.SYS_LSTAT: {"lstat", argOther},
}
