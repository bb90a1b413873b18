package host

import "golang.org/x/sys/unix"

// killProcess kills a process of the container, and no other that has got its
// number meanwhile: the pid is pinned first and looked at again then.
func (c Processes) killProcess(pid int) error {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if !c.CgroupHolds(pid, c.ID) {
		return unix.ESRCH
	}
	return unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0)
}
