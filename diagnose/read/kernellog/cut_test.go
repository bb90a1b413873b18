package kernellog

import "testing"

// TestNumberAtTheCut: a size counts only with its unit behind it, for the cut may stand within its digits.
func TestNumberAtTheCut(t *testing.T) {
	const line = "[  100.000000] Memory cgroup out of memory: Killed process 12 (x) total-vm:368852kB, anon-rss:"
	for tail, want := range map[string]int64{
		"25>\n": 0, "25…\n": 0, "25\n": 0, "25": 0, "25 kilo\n": 0, "250112k\n": 0,
		"250112kB\n": 250112 << 10, "250112kB>\n": 250112 << 10, "250112kB, file-rss:30…\n": 250112 << 10,
	} {
		log := read(t, line+tail, Options{})
		if len(log.Kills) != 1 || log.Kills[0].Victim.TotalVM == nil {
			t.Errorf("%q: %+v", tail, log.Kills)
			continue
		}
		var got int64
		if rss := log.Kills[0].Victim.AnonRSS; rss != nil {
			got = *rss
		}
		if got != want || log.Kills[0].Victim.FileRSS != nil {
			t.Errorf("%q: %+v", tail, log.Kills[0].Victim)
		}
	}
}

// TestKernelHasNoPID: "kernel[812]" is what logger -i -t kernel writes.
func TestKernelHasNoPID(t *testing.T) {
	for program, want := range map[string]int{"kernel": 1, "kernel[812]": 0} {
		log := read(t, "Nov 20 09:23:11 node-17 "+program+": "+killed(13, "z")+
			"\nNov 20 09:23:12 node-17 sshd[9]: Accepted\n", Options{})
		if len(log.Kills) != want || hasNote(log, NoteForeignFacility) != (want == 0) {
			t.Errorf("%s: %+v %+v", program, log.Kills, log.Notes)
		}
	}
}
