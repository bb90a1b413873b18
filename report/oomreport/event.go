package oomreport

import (
	"fmt"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/answer/oom"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
	"github.com/gwdoctor/gwdoctor/report/layout"
	"github.com/gwdoctor/gwdoctor/report/sanitize"
)

const (
	margin    = 12
	maxOthers = 5 // tasks named beside the victim
)

// eventsOf parts kills by the times that memory ran out.
func eventsOf(kills []oom.Kill) (events [][]oom.Kill) {
	for i := 0; i < len(kills); {
		n := i + 1
		for n < len(kills) && kills[n].Event == kills[i].Event {
			n++
		}
		events = append(events, kills[i:n])
		i = n
	}
	return events
}

// alikeEvent is the same for events that killed one process of the same name in the
// same container by the same limit, and for no others.
func alikeEvent(event []oom.Kill) string {
	k := event[0]
	if len(event) > 1 || k.Container == nil && k.TaskCgroup == "" {
		return fmt.Sprint("event ", k.Event)
	}
	return strings.Join([]string{owner(k.Container, k.TaskCgroup), k.Comm, string(k.Scope), k.LimitCgroup}, "\x00")
}

// event writes one time that memory ran out: when, whose container, who was
// killed, whose limit it was, what the memory was made of, who else was big. Further
// events that were alike are counted.
func (p *page) event(events [][]oom.Kill) {
	kills := events[0]
	first := kills[0]
	p.Blank()
	p.Para(margin, layout.Hued("OOM KILL", p.Bad), layout.Hued(kernelMoment(first.At, first.BootSeconds)+",", p.Title),
		layout.Hued(owner(first.Container, first.TaskCgroup), p.Title))
	for i, k := range kills {
		if i == maxOthers && !p.Verbose && len(kills) > maxOthers+1 {
			p.Para(margin, p.Text(""), p.Dimmed(fmt.Sprintf("... %d more (-v shows all)", len(kills)-i)))
			break
		}
		p.victim(k)
	}
	if len(events) > 1 {
		var times []kernelTime
		for _, e := range events {
			times = append(times, kernelTime{e[0].At, e[0].BootSeconds})
		}
		p.Para(margin, p.Text("  repeated"), layout.Hued(repeated(times), p.Title), p.Dimmed("(-v shows each)"))
	}
	p.Para(margin, p.Text("  limit"), p.Text(limitOf(first)))
	if made := madeOf(first.Memory); made != "" {
		p.Para(margin, p.Text("  memory"), p.Text(made))
	}
	if goat := scapegoat(first); goat != "" {
		p.Para(margin, p.Text("  but"), layout.Hued(goat, p.Unsure))
	}
	if others := othersOf(kills); others != "" {
		p.Para(margin, p.Text("  also big"), p.Text(others))
	}
	if k := first.InvokedBy; k != nil && k.Comm != first.Comm {
		p.Para(margin, p.Text("  asked by"), p.Dimmed(fmt.Sprintf("%q: it wanted memory when there was none, "+
			"which makes it no culprit", sanitize.Clean(k.Comm, layout.MaxName))))
	}
	p.Para(margin, p.Text("  known"), p.Dimmed(groundsOf(first)))
	if p.Verbose {
		p.kernelLine(margin, first.Excerpt)
	}
}

// victim names one killed process and what it held.
func (p *page) victim(k oom.Kill) {
	text := fmt.Sprintf("%s, pid %d", quotedName(k.Comm), k.PID)
	if held := heldBy(k.Victim); held != "" {
		text += ", " + held
	}
	if adj := k.Victim.OOMScoreAdj; adj != nil && *adj != 0 {
		text += fmt.Sprintf(", oom_score_adj %d", *adj)
	}
	p.Para(margin, p.Text("  killed"), p.Text(text))
	switch k.MainProcess {
	case oom.MainVictim:
		p.Para(margin, p.Text(""), layout.Hued("the container's main process (PID 1), so the container ended:", p.Title),
			p.Dimmed(k.MainReason))
	case oom.MainSurvived:
		p.Para(margin, p.Text(""), layout.Hued("not the main process, so the container lives on without it:", p.Unsure),
			p.Dimmed(k.MainReason))
	case oom.MainUnknown:
		if k.MainReason != "" {
			p.Para(margin, p.Text(""), layout.Hued("whether it was the main process is not known:", p.Unsure),
				p.Dimmed(k.MainReason))
		}
	}
}

// quotedName shows a process name: its bytes are anybody's.
func quotedName(comm string) string { return `"` + sanitize.Clean(comm, layout.MaxName) + `"` }

func heldBy(v kernellog.Victim) string {
	var parts []string
	for _, part := range []struct {
		name  string
		bytes *int64
	}{{"anonymous", v.AnonRSS}, {"file", v.FileRSS}, {"shared", v.ShmemRSS}} {
		if part.bytes != nil && *part.bytes > 0 {
			parts = append(parts, words.Size(*part.bytes)+" "+part.name)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "held " + strings.Join(parts, ", ")
}

// ofPod tells whether the group that was full is that of the killed container's pod: the kubelet gives it the limits of
// its containers together, so that with a single one it is always the pod's group that is full first.
func ofPod(k oom.Kill) bool {
	if k.Container == nil || k.Container.PodUID == "" {
		return false
	}
	name := k.LimitCgroup[strings.LastIndexByte(k.LimitCgroup, '/')+1:]
	return strings.Contains(strings.ReplaceAll(name, "_", "-"), "pod"+k.Container.PodUID)
}

// limitOf says whose memory ran out, and how much of it there was.
func limitOf(k oom.Kill) string {
	var whose string
	switch k.Scope {
	case kernellog.ScopeOwnLimit:
		whose = "the container's own"
		if k.Container == nil || k.Container.ID == "" {
			whose = "the group's own"
		}
	case kernellog.ScopeOuterLimit:
		whose = "not the container's own but that of a group around it, " + sanitize.Clean(k.LimitCgroup, maxPath) +
			" (a neighbour may have eaten it)"
		if ofPod(k) {
			whose = "its pod's, " + sanitize.Clean(k.LimitCgroup, maxPath) + " (of a single container that is its own limit; " +
				"of several, another may have eaten it)"
		}
	case kernellog.ScopeHost:
		return "none: the whole machine was out of memory, and any process could be taken"
	case kernellog.ScopeCpuset:
		return "none: the memory nodes of its cpuset were full"
	case kernellog.ScopeMempolicy:
		return "none: the memory nodes of its NUMA policy were full"
	case kernellog.ScopeCgroup:
		if k.LimitCgroup == "" {
			return "a control group's (container, pod or service); which one is not in this log"
		}
		whose = "a control group's, " + sanitize.Clean(k.LimitCgroup, maxPath) + " (the victim's own, or one around it)"
	default:
		return "not told: neither the control group nor the machine is named by a line of this log"
	}
	m := k.Memory
	if m == nil || m.Usage == nil {
		return whose
	}
	whose += ", " + words.Size(*m.Usage) + " used"
	if m.Limit != nil {
		whose += " of " + words.Size(*m.Limit)
	}
	if m.Failcnt != nil && *m.Failcnt > 0 {
		whose += "; it was reached " + words.Count(int(*m.Failcnt), "time")
	}
	return whose
}

// madeOf breaks the memory of the limit's group down.
func madeOf(m *kernellog.Memory) string {
	if m == nil {
		return ""
	}
	var parts []string
	add := func(bytes *int64, name string) {
		if bytes != nil && *bytes > 0 {
			parts = append(parts, words.Size(*bytes)+" "+name)
		}
	}
	add(m.Anon, "anonymous")
	file := m.File
	if file != nil && m.Shmem != nil && *file >= *m.Shmem { // page cache counts shmem in
		rest := *file - *m.Shmem
		file = &rest
	}
	add(m.Shmem, "shared or tmpfs")
	add(file, "file cache")
	add(m.Kernel, "kernel")
	switch {
	case m.SwapLimit != nil && *m.SwapLimit == 0:
		parts = append(parts, "no swap allowed")
	case m.SwapUsage != nil:
		parts = append(parts, words.Size(*m.SwapUsage)+" in swap")
	}
	text := strings.Join(parts, ", ")
	if m.MostlyShared() {
		text += ". Most of it is shared memory or files in a tmpfs (/dev/shm, /tmp): killing a process does not " +
			"free those"
	}
	return text
}

// othersOf names the biggest tasks of the dump that were not killed.
func othersOf(kills []oom.Kill) string {
	killed := map[int]bool{}
	for _, k := range kills {
		killed[k.PID] = true
	}
	var parts []string
	for _, t := range kills[0].Tasks {
		if !killed[t.PID] && t.RSS != nil && *t.RSS > 0 && len(parts) < maxOthers {
			parts = append(parts, fmt.Sprintf("%s pid %d %s", quotedName(t.Comm), t.PID, words.Size(*t.RSS)))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	if more := kills[0].TaskCount - len(parts) - len(kills); more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(parts, ", ")
}

// scapegoat says that the victim was not what filled the memory, where the table of
// the dump shows that: something else is bigger by far, and the victim was taken for
// its parent's or its own oom_score_adj.
func scapegoat(k oom.Kill) string {
	const byFar = 4
	if len(k.Tasks) == 0 || k.Victim.AnonRSS == nil {
		return ""
	}
	biggest := k.Tasks[0]
	if biggest.PID == k.PID || biggest.RSS == nil || *biggest.RSS < byFar*max(*k.Victim.AnonRSS, 1) {
		return ""
	}
	why := ""
	switch {
	case k.Candidate != nil && k.Candidate.OOMScoreAdj != nil && *k.Candidate.OOMScoreAdj > 0:
		why = fmt.Sprintf("the victim was taken as a child of %s, whose oom_score_adj is %d",
			quotedName(k.Candidate.Comm), *k.Candidate.OOMScoreAdj)
	case k.Candidate != nil:
		why = "the victim was taken as a child of " + quotedName(k.Candidate.Comm)
	case k.Victim.OOMScoreAdj != nil && *k.Victim.OOMScoreAdj > 0:
		why = fmt.Sprintf("the victim was taken for its oom_score_adj of %d", *k.Victim.OOMScoreAdj)
	default:
		return ""
	}
	return fmt.Sprintf("biggest by far was %s, pid %d, with %s; %s", quotedName(biggest.Comm), biggest.PID,
		words.Size(*biggest.RSS), why)
}

// groundsOf says how the container is known.
func groundsOf(k oom.Kill) string {
	grounds := map[kernellog.Attribution]string{
		kernellog.AttributionExact:   "exact: the kernel names the victim and its group",
		kernellog.AttributionGroup:   "by group: the victim lived in this group or below it",
		kernellog.AttributionCarried: "carried over: the dump was left out, but an earlier one lists this process",
		kernellog.AttributionGuess:   "a guess: only the group of the process that asked for memory is known",
		kernellog.AttributionUnknown: "not at all: no line of this log says whose process it was",
	}
	return fmt.Sprintf("%s (line %d)", grounds[k.Attribution], k.Line)
}

// owner names a container by its name, or else by what the log has.
func owner(c *kernellog.Container, cgroup string) string {
	switch {
	case c == nil && cgroup != "":
		return "group " + cgroup
	case c == nil:
		return "container not known"
	}
	var parts []string
	name := layout.Name(c.Name)
	switch {
	case c.ID == "" && c.Runtime != "":
		parts = append(parts, strings.TrimSpace(c.Runtime+" "+name))
	case name != "":
		parts = append(parts, name)
	}
	if c.ID != "" {
		parts = append(parts, strings.TrimSpace(c.Runtime+" "+layout.ShortID(c.ID)))
	}
	if c.PodUID != "" {
		parts = append(parts, "pod "+c.PodUID)
	}
	if len(c.OuterIDs) > 0 {
		parts = append(parts, "inside of "+layout.ShortID(c.OuterIDs[len(c.OuterIDs)-1]))
	}
	return strings.Join(parts, ", ")
}

// kernelMoment is a time of the wall or, where the log has none, of the kernel's clock.
func kernelMoment(at *time.Time, boot *float64) string {
	switch {
	case at != nil:
		return layout.Stamp(*at)
	case boot != nil:
		return kernellog.SinceBoot(*boot) + " after the boot"
	}
	return "at a time that the log does not tell"
}

// shortMoment fits a table.
func shortMoment(at *time.Time, boot *float64) string {
	switch {
	case at != nil:
		return at.UTC().Format(layout.DateTime)
	case boot != nil:
		return "boot + " + kernellog.SinceBoot(*boot)
	}
	return "not told"
}
