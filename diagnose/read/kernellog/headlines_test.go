package kernellog

import (
	"fmt"
	"strings"
	"testing"
)

// stampedLog is a log of n lines of noise and one kill at the end, whose messages stand behind a prefix.
func stampedLog(n int, prefix string) string {
	var log strings.Builder
	for i := range n {
		fmt.Fprintf(&log, "[%5d.%06d] %seth%d: link is up, number %d\n", i, i, prefix, i%4, i)
	}
	fmt.Fprintf(&log, "[%5d.000000] %s%s\n", n, prefix, constraintOf(dockerA, dockerA, "x y", 12))
	fmt.Fprintf(&log, "[%5d.000000] %s%s\n", n, prefix, killed(12, "x y"))
	return log.String()
}

// TestPrefixBehindStamp: what stands behind the stamp of every line hides nothing.
func TestPrefixBehindStamp(t *testing.T) {
	for _, n := range []int{5, 400, 5000} {
		for _, prefix := range []string{"", "node-17 ", "node-17/ttyS0> ", "kernel node-17: "} {
			log := read(t, stampedLog(n, prefix), Options{})
			if len(log.Kills) != 1 || log.Kills[0].PID != 12 || log.Kills[0].Container == nil {
				t.Errorf("%d lines behind %q: %+v %+v", n, prefix, log.Kills, log.Notes)
			}
		}
	}
}

// TestUnknownLineInHead: a line in an unknown form behind a stamp is told, not skipped.
func TestUnknownLineInHead(t *testing.T) {
	log := read(t, stampedLog(5, "")+"[  100.000000] (guest 7) "+killed(13, "z")+"\n", Options{})
	if len(log.Kills) != 1 || !hasNote(log, NoteNotUnderstood) {
		t.Errorf("%+v %+v", log.Kills, log.Notes)
	}
	if text := noteOf(log, NoteNotUnderstood); !strings.Contains(text, "total-vm") {
		t.Errorf("the note does not show the line: %s", text)
	}
}

// TestNestedHeaders: headers are opened up to a bound, and what is left is told.
func TestNestedHeaders(t *testing.T) {
	const header = "Nov 20 09:23:11 node-17 kernel: "
	if log := read(t, strings.Repeat(header, 7)+killed(13, "z")+"\n", Options{}); len(log.Kills) != 1 {
		t.Errorf("7 headers: %+v %+v", log.Kills, log.Notes)
	}
	log := read(t, strings.Repeat(header, 50)+killed(13, "z")+"\n", Options{})
	if text := noteOf(log, NoteNotUnderstood); len(log.Kills) != 0 || !strings.Contains(text, "total-vm") ||
		!strings.Contains(text, "8 headers") {
		t.Errorf("50 headers: %+v, %q", log.Kills, text)
	}
}

// TestKillCutBeforeItsName: a kill line that a terminal's width cut in the victim's digits is told, in every form.
func TestKillCutBeforeItsName(t *testing.T) {
	const line = "Memory cgroup out of memory: Killed process "
	for text, want := range map[string]bool{
		"[Wed Nov 25 14:02:11 2026] " + line + "482…\n[Wed Nov 25 14:02:12 2026] eth0\n": true,
		"[  100.000000] " + line + "482\n[  101.000000] eth0\n":                          true,
		stampedLog(400, "") + "[  500.000000] " + line + "482…\n":                        true,
		"gw | " + line + "48213\n":                                                       true,
		"Out of memory: Killed process 4":                                                true,
		"[  100.000000] Out of memory: Killed process, they say\n":                       false,
		"[  100.000000] Out of memory: nothing was freed\n":                              false,
	} {
		log := read(t, text, Options{})
		if hasNote(log, NoteNotUnderstood) != want {
			t.Errorf("%.80q: %+v", text, log.Notes)
		}
	}
}

func noteOf(log *Log, kind NoteKind) string {
	for _, n := range log.Notes {
		if n.Kind == kind {
			return n.Detail
		}
	}
	return ""
}
