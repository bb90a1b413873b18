package inside

import "github.com/gwdoctor/gwdoctor/diagnose/evidence"

// writesOut tells whether a thread stands in a call that brings what is logged out of the process: at once in a write
// to a pipe that is full, and for long where a call may take its time.
func writesOut(t evidence.InsideThread) bool {
	if t.Wait == nil || t.Still == nil || !*t.Still {
		return false
	}
	switch t.Wait.Call {
	case "write", "writev":
		return true
	case "pwrite64", "sendto", "sendmsg", "connect", "fsync", "fdatasync", "flock":
		return t.LastRan != nil && *t.LastRan >= LongStand
	}
	return false
}

// addLogLock looks for the owner of a log handler's lock that stands in a write.
func (v *View) addLogLock(in *evidence.Inside, p *evidence.InsideProcess) {
	for _, h := range p.Handlers {
		if h.Owner == "" {
			continue
		}
		for _, t := range p.Threads {
			if !t.Is(h.Owner) || !writesOut(t) {
				continue
			}
			one := standing(in, p, t, t.Frames)
			v.LogLock = &one
			for _, other := range p.Threads {
				if other.Wait != nil && other.Wait.Owner == h.Owner && other.TID != t.TID {
					v.Behind++
				}
			}
			return
		}
	}
}
