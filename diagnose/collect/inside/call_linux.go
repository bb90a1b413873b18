package inside

import (
	"maps"

	"golang.org/x/sys/unix"
)

// call says what a system call's first argument is.
type call struct {
	name  string
	first argument
}

type argument int

const (
	argOther argument = iota
	argFD
	argPoll // an array of struct pollfd
	argFutex
	argEpoll
)

// calls of every machine; those that only some have stand in calls_linux_ARCH.go.
var calls = map[int]call{
	unix.SYS_READ: {"read", argFD}, unix.SYS_PREAD64: {"pread64", argFD}, unix.SYS_READV: {"readv", argFD},
	unix.SYS_RECVFROM: {"recvfrom", argFD}, unix.SYS_RECVMSG: {"recvmsg", argFD},
	unix.SYS_WRITE: {"write", argFD}, unix.SYS_PWRITE64: {"pwrite64", argFD}, unix.SYS_WRITEV: {"writev", argFD},
	unix.SYS_SENDTO: {"sendto", argFD}, unix.SYS_SENDMSG: {"sendmsg", argFD}, unix.SYS_SENDFILE: {"sendfile", argFD},
	unix.SYS_CONNECT: {"connect", argFD}, unix.SYS_ACCEPT: {"accept", argFD}, unix.SYS_ACCEPT4: {"accept4", argFD},
	unix.SYS_FLOCK: {"flock", argFD}, unix.SYS_FCNTL: {"fcntl", argFD}, unix.SYS_IOCTL: {"ioctl", argFD},
	unix.SYS_FSYNC: {"fsync", argFD}, unix.SYS_FDATASYNC: {"fdatasync", argFD}, unix.SYS_CLOSE: {"close", argFD},
	unix.SYS_EPOLL_PWAIT: {"epoll_pwait", argEpoll}, unix.SYS_EPOLL_PWAIT2: {"epoll_pwait2", argEpoll},
	unix.SYS_PPOLL: {"ppoll", argPoll}, unix.SYS_PSELECT6: {"pselect6", argOther},
	unix.SYS_FUTEX: {"futex", argFutex}, unix.SYS_WAIT4: {"wait4", argOther}, unix.SYS_WAITID: {"waitid", argOther},
	unix.SYS_NANOSLEEP: {"nanosleep", argOther}, unix.SYS_CLOCK_NANOSLEEP: {"clock_nanosleep", argOther},
	unix.SYS_RESTART_SYSCALL: {"restart_syscall", argOther}, unix.SYS_OPENAT: {"openat", argOther},
	unix.SYS_RT_SIGSUSPEND: {"rt_sigsuspend", argOther}, unix.SYS_RT_SIGTIMEDWAIT: {"rt_sigtimedwait", argOther},
	unix.SYS_IO_URING_ENTER: {"io_uring_enter", argFD},
}

func init() { maps.Copy(calls, machineCalls) }
