package host

import (
	"path/filepath"
	"strings"
)

// HidesProcesses is the option by which /proc hides the processes of other users from this one; "" = it does not. Of
// /proc/self/mountinfo, in the kernel's words before 5.8 (hidepid=2) and since:
//
//	22 26 0:21 / /proc rw,nosuid,nodev,noexec,relatime shared:12 - proc proc rw,hidepid=invisible
func (m Machine) HidesProcesses() string {
	for line := range strings.Lines(m.ProcText("self/mountinfo")) {
		fields := strings.Fields(line)
		if len(fields) < 5 || fields[4] != filepath.Clean(m.ProcRoot) {
			continue
		}
		for option := range strings.SplitSeq(fields[len(fields)-1], ",") {
			value, ok := strings.CutPrefix(option, "hidepid=")
			if ok && value != "0" && value != "off" {
				return option
			}
		}
	}
	return ""
}
