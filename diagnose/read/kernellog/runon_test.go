package kernellog

import (
	"strings"
	"testing"
)

// TestRunOn: a dump whose line ends were lost is read all the same, up to where it is cut.
func TestRunOn(t *testing.T) {
	const header = "Nov 20 09:23:11 node-17 kernel: "
	dump := []string{invoked, cpuLine, constraintOf(dockerA, dockerA, "java", 143), killed(143, "java"),
		"oom_reaper: reaped process 143 (java), now anon-rss:0kB"}
	for name, test := range map[string]struct {
		lines       []string
		cut         string // where the text ends
		kills       int
		attribution Attribution
		told        bool // by the note of what was not understood
	}{
		"whole":                  {dump, "", 1, AttributionExact, false},
		"without the constraint": {append(dump[:2:2], dump[3:]...), "", 1, AttributionUnknown, false},
		"the constraint alone":   {dump[:3], "", 1, AttributionExact, false},
		"two dumps":              {append(dump[:5:5], invoked, killed(999, "node")), "", 2, AttributionExact, false},
		"cut in the name":        {append(dump[:2:2], dump[3:]...), "(java", 1, AttributionUnknown, false},
		"cut in the digits":      {append(dump[:2:2], dump[3:]...), "process 14", 0, "", true},
		"without a kill":         {dump[:2], "", 0, "", false},
		"the reaper's word":      {append(dump[:2:2], dump[4]), "", 0, "", false},
	} {
		text := header + strings.Join(test.lines, " "+header)
		if before, _, ok := strings.Cut(text, test.cut); ok && test.cut != "" {
			text = before + test.cut
		}
		log := read(t, text+"\n", Options{})
		untold := len(log.Trouble) == 1 && log.Trouble[0].Kind == TroubleVictimUntold
		if len(log.Kills) != test.kills || untold != (test.kills == 0) || hasNote(log, NoteNotUnderstood) != test.told {
			t.Errorf("%s: %+v %+v %+v", name, log.Kills, log.Trouble, log.Notes)
			continue
		}
		if test.kills > 0 && (log.Kills[0].PID != 143 || log.Kills[0].Attribution != test.attribution) {
			t.Errorf("%s: %+v", name, log.Kills[0])
		}
	}
}
