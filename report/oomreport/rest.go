package oomreport

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fatih/color"

	"github.com/gwdoctor/gwdoctor/diagnose/answer/oom"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
	"github.com/gwdoctor/gwdoctor/report/layout"
	"github.com/gwdoctor/gwdoctor/report/sanitize"
)

// alike groups crashes of one kind: the same name, signal, place in the code and
// container, in the order of their first.
func alike(crashes []oom.Crash) (groups [][]oom.Crash) {
	return gather(crashes, func(c oom.Crash) string {
		return strings.Join([]string{c.Comm, c.Signal, string(c.Kind), c.Object, c.ObjectOffset,
			owner(c.Container, "")}, "\x00")
	})
}

// kernelTime is a time of the wall, or else of the kernel's clock.
type kernelTime struct {
	at   *time.Time
	boot *float64
}

// repeated says how often something came back, until when and how regularly.
func repeated(times []kernelTime) string {
	last := times[len(times)-1]
	text := fmt.Sprintf("%s, last %s", words.Times(len(times)), kernelMoment(last.at, last.boot))
	var gaps []time.Duration
	for i := 1; i < len(times); i++ {
		switch a, b := times[i-1], times[i]; {
		case a.at != nil && b.at != nil:
			gaps = append(gaps, b.at.Sub(*a.at))
		case a.boot != nil && b.boot != nil:
			gaps = append(gaps, time.Duration((*b.boot-*a.boot)*1e9))
		default: // of two clocks, or of none
			return text
		}
	}
	if len(gaps) == 0 {
		return text
	}
	slices.Sort(gaps)
	shortest, longest := gaps[0], gaps[len(gaps)-1]
	switch {
	case shortest < 0: // of several boots
		return text
	case longest-shortest <= longest/5:
		return text + ", every " + words.Duration(gaps[len(gaps)/2])
	}
	return text + ", " + words.Duration(shortest) + " to " + words.Duration(longest) + " apart"
}

// crash writes fatal signals of one kind.
func (p *page) crash(group []oom.Crash) {
	c := group[0]
	p.Blank()
	head := fmt.Sprintf("%s, ", quotedName(c.Comm))
	switch {
	case c.TID != 0:
		head += fmt.Sprintf("thread %d: ", c.TID)
	case c.PID != nil:
		head += fmt.Sprintf("pid %d: ", *c.PID)
	}
	p.Para(margin, layout.Hued("CRASH", p.Bad), layout.Hued(kernelMoment(c.At, c.BootSeconds)+",", p.Title),
		layout.Hued(head+strings.TrimSpace(c.Signal+" "+crashWords[c.Kind]), p.Title))
	if where := crashSite(c.Crash); where != "" {
		p.Para(margin, p.Text("  where"), p.Text(where))
	}
	if c.Hint != "" {
		p.Para(margin, p.Text("  usually"), p.Text(sanitize.Clean(c.Hint, maxNote)))
	}
	if len(group) > 1 {
		var times []kernelTime
		for _, c := range group {
			times = append(times, kernelTime{c.At, c.BootSeconds})
		}
		p.Para(margin, p.Text("  repeated"), layout.Hued(repeated(times), p.Title))
	}
	whose := "the kernel names no container on such lines"
	if c.Container != nil {
		grade := ": "
		if c.Attribution == kernellog.AttributionGuess {
			grade = ", a guess: "
		}
		whose = owner(c.Container, "") + grade + c.Reason
	}
	p.Para(margin, p.Text("  whose"), p.Text(whose))
	if p.Verbose {
		p.kernelLine(margin, c.Excerpt)
	}
}

// crashWords are the kinds of crashes in words; the signal alone says what is left.
var crashWords = map[kernellog.CrashKind]string{
	kernellog.CrashSegfault: "(segmentation fault)", kernellog.CrashGeneralProtection: "(general protection fault)",
	kernellog.CrashTrap: "(trap)", kernellog.CrashAbort: "(abort)", kernellog.CrashBus: "(bus error)",
	kernellog.CrashSeccomp: "(forbidden system call)",
}

// crashSite says what was touched, and by which code.
func crashSite(c kernellog.Crash) string {
	var parts []string
	if c.Address != "" {
		parts = append(parts, "touched address "+c.Address)
	}
	if c.Object != "" {
		parts = append(parts, "in "+sanitize.Clean(c.Object, layout.MaxName)+" + "+c.ObjectOffset)
	} else if c.IP != "" {
		parts = append(parts, "at instruction "+c.IP+", which is in no file")
	}
	if c.Syscall != nil {
		parts = append(parts, fmt.Sprintf("by system call %d, which its seccomp profile forbids", *c.Syscall))
	}
	return strings.Join(parts, ", ")
}

// trouble writes what else can hurt a container: one line, however often it came.
func (p *page) trouble(group []kernellog.Trouble) {
	t := group[0]
	head := kernelMoment(t.At, t.BootSeconds)
	if t.Container != nil || t.Cgroup != "" {
		head += ", " + owner(t.Container, t.Cgroup)
	}
	spans := []layout.Span{p.Text(head + ": " + t.Summary)}
	if len(group) > 1 {
		var times []kernelTime
		for _, t := range group {
			times = append(times, kernelTime{t.At, t.BootSeconds})
		}
		spans = append(spans, layout.Hued("("+repeated(times)+")", p.Title))
	}
	p.Para(4, p.Text("  -"), spans...)
	p.kernelLine(4, t.Excerpt)
}

// alikeTrouble groups trouble that reads the same but for its time, in the order of the first.
func alikeTrouble(list []kernellog.Trouble) (groups [][]kernellog.Trouble) {
	return gather(list, func(t kernellog.Trouble) string {
		return strings.Join([]string{string(t.Kind), t.Summary, owner(t.Container, t.Cgroup), t.Comm}, "\x00")
	})
}

// gather groups what has the same key, in the order of the first.
func gather[T any](list []T, keyOf func(T) string) (groups [][]T) {
	at := map[string]int{}
	for _, v := range list {
		key := keyOf(v)
		i, ok := at[key]
		if !ok {
			i = len(groups)
			at[key], groups = i, append(groups, nil)
		}
		groups[i] = append(groups[i], v)
	}
	return groups
}

// verdictOf is the answer in one line.
func verdictOf(a oom.Answer) string {
	var parts []string
	if n := len(a.Kills); n > 0 {
		parts = append(parts, words.Count(n, "OOM kill"))
	}
	if n := len(a.Crashes); n > 0 {
		text := words.Count(n, "crash")
		if n > 1 {
			text = fmt.Sprintf("%d crashes", n)
		}
		parts = append(parts, text)
	}
	untold := 0
	for _, t := range a.Trouble {
		if t.Kind == kernellog.TroubleVictimUntold {
			untold++
		}
	}
	if untold > 0 {
		parts = append(parts, words.Count(untold, "out-of-memory dump")+" without a kill line")
	}
	for _, n := range a.Notes {
		if n.Kind == kernellog.NoteNotUnderstood {
			parts = append(parts, words.Count(n.Count, "line")+
				" that may be of OOM kills or crashes, in a form that is not known")
		}
	}
	if n := len(a.Trouble) - untold; n > 0 {
		parts = append(parts, words.Count(n, "line")+" of other trouble")
	}
	if len(parts) > 0 {
		return strings.Join(parts, ", ")
	}
	for _, n := range a.Notes {
		if n.Kind == oom.NoteNotALog {
			return "cannot tell: " + sanitize.Clean(n.Detail, maxNote)
		}
	}
	return "no OOM kill and no crash in what this log covers"
}

func (p *page) verdictHue(a oom.Answer) *color.Color {
	if len(a.Kills)+len(a.Crashes) > 0 {
		return p.Bad
	}
	return p.Title // not "good": a log that lacks the moment proves nothing
}

// coverage is the time that the log covers, and what of it was guessed.
func coverage(s oom.Source, notes []kernellog.Note) string {
	switch {
	case s.From != nil && s.To != nil:
		return fromTo(layout.Stamp(*s.From), layout.Stamp(*s.To)) + guessedTime(notes)
	case s.FromBoot != nil && s.ToBoot != nil:
		return fromTo(kernellog.SinceBoot(*s.FromBoot), kernellog.SinceBoot(*s.ToBoot)) +
			" after the boot; the log has no wall times"
	}
	for _, n := range notes {
		if n.Kind == kernellog.NoteTimeNotRead {
			return "not told: " + sanitize.Clean(n.Detail, maxNote)
		}
	}
	return "not told: the log has no times"
}

// fromTo is a span of time, which may be one moment.
func fromTo(from, to string) string {
	if from == to {
		return from
	}
	return from + " to " + to
}

// guessedTime says what of the times was guessed.
func guessedTime(notes []kernellog.Note) string {
	for _, n := range notes {
		switch {
		case n.Kind != kernellog.NoteTimeGuessed:
		case strings.Contains(n.Detail, " year ") && strings.Contains(n.Detail, " zone"):
			return "; year and zone are guessed"
		case strings.Contains(n.Detail, " year "):
			return "; the year is guessed"
		case strings.Contains(n.Detail, " zone"):
			return "; the zone is guessed"
		}
	}
	return ""
}

func summaryName(s oom.Summary) string {
	switch c := s.Container; {
	case c == nil && s.Cgroup == "":
		return "not known"
	case c == nil:
		return s.Cgroup
	case c.Name != "":
		return c.Name
	case c.ID != "":
		return layout.ShortID(c.ID)
	default:
		return "pod " + c.PodUID
	}
}

// lastMoment leaves the day out where it is the first one's.
func lastMoment(s oom.Summary) string {
	switch {
	case s.Kills == 1:
		return ""
	case s.First != nil && s.Last != nil && s.First.UTC().Format(layout.DateOnly) == s.Last.UTC().Format(layout.DateOnly):
		return s.Last.UTC().Format("15:04:05")
	}
	return shortMoment(s.Last, s.LastBoot)
}

// rhythm says how regularly memory ran out.
func rhythm(s oom.Summary) string {
	r := s.Rhythm
	gap := func(seconds *float64) string { return words.Duration(time.Duration(*seconds * 1e9)) }
	switch {
	case r.Kind == oom.RhythmOnce && s.Kills > 1:
		return "once, as a group"
	case r.Kind == oom.RhythmOnce:
		return "once"
	case r.MedianSeconds == nil && (s.First != nil) != (s.Last != nil):
		return "two clocks"
	case r.MedianSeconds == nil:
		return "times not told"
	case r.Kind == oom.RhythmRegular:
		return "every " + gap(r.MedianSeconds)
	case *r.ShortestSeconds == *r.LongestSeconds:
		return gap(r.MedianSeconds) + " apart"
	}
	return gap(r.ShortestSeconds) + " to " + gap(r.LongestSeconds) + " apart"
}

// kernelLine quotes a line of the kernel. It is broken after a blank or a comma, so that
// ids and paths stay whole even where they are wider than the page.
func (p *page) kernelLine(margin int, excerpt string) {
	bar := strings.Repeat(" ", margin) + "| "
	for line := range strings.SplitSeq(strings.TrimRight(excerpt, "\r\n"), "\n") {
		piece := ""
		clean := sanitize.Clean(line, layout.MaxLiteral)
		for _, word := range strings.SplitAfter(strings.ReplaceAll(clean, ",", ",\x00"), " ") {
			for _, part := range strings.Split(word, "\x00") {
				if piece != "" && layout.Cells(piece)+layout.Cells(strings.TrimRight(part, " ")) > p.Columns-margin-2 {
					p.Put(p.Dim, bar)
					p.Put(nil, strings.TrimRight(piece, " "))
					p.Blank()
					piece = ""
				}
				piece += part
			}
		}
		p.Put(p.Dim, bar)
		p.Put(nil, strings.TrimRight(piece, " "))
		p.Blank()
	}
}
