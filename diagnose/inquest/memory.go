package inquest

import (
	"cmp"
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
)

// MemorySigns are OOM kills of the life, as the kernel and the runtime tell them.
type MemorySigns struct {
	Kills []kernellog.Kill // in this container's cgroup, each with a time
	// those whose time is one at which the container had no process: the clock of the kernel's log is off
	Misdated  []kernellog.Kill
	KillAtEnd *kernellog.Kill // the one that came with the life's end; nil = none did
	// Beside are those whose victim was a command beside the main process, of which the main process knows nothing:
	// they explain no end
	Beside []kernellog.Kill
	// one whose line names no container, at the life's end; nil = there is none, or KillAtEnd is better
	Nameless *NamelessKill
	// a report of the kernel, at the life's end, that it kills in this container's group, without the victim's line
	Untold     *kernellog.Trouble
	Daemon     *DaemonKill // not the kernel but a daemon killed it for lack of memory, by its own words; nil = none did
	OOMEvents  []time.Time // events of the life, siblings' ones left out
	OOMAtEnd   *time.Time  // the one that came with the life's end; nil = none did
	SiblingOOM bool        // an event that a neighbour in the same parent group caused
	StickyOOM  bool        // OOMKilled is set but speaks of another life or of a child long before
}

// Kill is an OOM kill, for those who read a [Case].
type Kill = kernellog.Kill

// How close two facts about one end must lie. An OOM kill's event comes within
// 0.1 s of the event of the end (docs/notes/DOCKER.md#a2); the kernel's stamp is converted by a
// clock offset taken at capture and may be off by more.
const (
	oomSlack    = time.Second
	KernelSlack = 2 * time.Second
)

func memorySignsOf(e *evidence.Evidence, x Examined, log LogSigns) MemorySigns {
	s := MemorySigns{Kills: killsOf(e, x.Life), Misdated: misdated(e, x)}
	s.OOMEvents, s.SiblingOOM = oomEventsOf(e, x.Life)
	s.OOMAtEnd = oomAtEnd(x.Life, s.OOMEvents)
	for _, k := range s.Kills {
		if ofExec(e.Spec, x.Life, k) && !isOfMain(e.Process, k) {
			s.Beside = append(s.Beside, k)
		}
	}
	s.KillAtEnd = s.killAtEnd(x.Life)
	if s.KillAtEnd == nil {
		s.KillAtEnd = cmp.Or(s.relayedKill(x.Life, log), s.mainKill(x.Life))
	}
	if s.KillAtEnd == nil && s.OOMAtEnd != nil && s.besideAt(*s.OOMAtEnd) {
		s.OOMAtEnd = nil // it tells of that one
	}
	if s.KillAtEnd == nil {
		s.Untold = untoldKill(e, x.Life)
		s.Nameless = namelessKill(e, x.Life)
		s.Daemon = daemonKill(e, x.Life)
	}
	s.StickyOOM = sticky(e, x.Life, s)
	return s
}

// killsOf returns the OOM kills of this container in the examined life. The same
// id lives on across restarts, so the time decides which life it was.
func killsOf(e *evidence.Evidence, life *evidence.Life) []kernellog.Kill {
	var kills []kernellog.Kill
	for _, k := range e.Kernel.KillsOf(idOf(e, life)) {
		if k.At != nil && life.Contains(*k.At, KernelSlack) {
			kills = append(kills, k)
		}
	}
	return kills
}

// misdated returns the kills of this container after whose time none of it was there to be killed. The ring's stamps
// are the scheduler's clock, which no NTP holds to the wall's: they drift apart by seconds a day, by more in a machine
// that gets no CPU (docs/notes/KERNEL-LOG.md#4). A container's id is never used again, so that the kill is one of it.
func misdated(e *evidence.Evidence, x Examined) []kernellog.Kill {
	if x.LaterLives > 0 || x.Life.Alive || x.Life.End == nil {
		return nil
	}
	var kills []kernellog.Kill
	for _, k := range e.Kernel.KillsOf(idOf(e, x.Life)) {
		if k.At == nil || k.At.Sub(*x.Life.End) > KernelSlack {
			kills = append(kills, k)
		}
	}
	return kills
}

// idOf is the container's id, or that of this run where each has its own.
func idOf(e *evidence.Evidence, life *evidence.Life) string { return cmp.Or(life.ID, e.Target.ID) }

// killAtEnd returns the kill that came with the life's end, nil where none did.
func (s MemorySigns) killAtEnd(life *evidence.Life) *kernellog.Kill {
	for i, k := range s.Kills { // all of them have a time
		if life.End != nil && k.At.Sub(*life.End).Abs() <= KernelSlack && !s.IsBeside(k) {
			return &s.Kills[i]
		}
	}
	return nil
}

// relaySlack is how long after the kernel's line a shell may end that passes its child's death on: the child's memory
// is given back before its parent is told. Measured on two busy cores: 3.4 s.
const relaySlack = 10 * time.Second

// relayedKill returns the only kill of a life that ended some seconds later with 137, where a shell said right then
// that its child had been killed; nil where it did not: who sent the SIGKILL of an end that far off is not told.
func (s MemorySigns) relayedKill(life *evidence.Life, log LogSigns) *kernellog.Kill {
	told := log.LogHas("shell-killed", "shell-killed-line")
	if told == nil || len(s.Kills) != 1 || life.End == nil || life.ExitCode == nil || *life.ExitCode != 137 {
		return nil
	}
	k := &s.Kills[0]
	late := life.End.Sub(*k.At)
	if s.IsBeside(*k) || late < 0 || late > relaySlack || told.LastAt.Sub(*life.End).Abs() > KernelSlack {
		return nil
	}
	return k
}

// mainSlack is how long after the kernel's line a container may end whose only process was killed: its memory is given
// back first, and the engine told after that. Measured on 26.1.5 on one busy CPU: 7 s to FinishedAt.
const mainSlack = time.Minute

// mainKill returns the last kill of a life that ended later with 137, where its victim was the main process: alone in
// the container's group, so that nothing else could end, or, for an end that is near, the oldest in it.
func (s MemorySigns) mainKill(life *evidence.Life) *kernellog.Kill {
	if len(s.Kills) == 0 || life.End == nil || life.ExitCode == nil || *life.ExitCode != 137 {
		return nil
	}
	k := &s.Kills[len(s.Kills)-1]
	late := life.End.Sub(*k.At)
	if s.IsBeside(*k) || k.Scope != kernellog.ScopeOwnLimit || k.LowestPID != k.PID || k.PID == 0 || late < 0 {
		return nil
	}
	if late <= relaySlack || k.TaskCount == 1 && late <= mainSlack {
		return k
	}
	return nil
}

// memoryLately is how long before the end the kernel, or the engine, told of the last kill for lack of memory in this
// container, where that was not long; ok is false where none did. Whoever sent the SIGKILL of the end, it cannot be
// said that nothing was seen.
func (s MemorySigns) memoryLately(life *evidence.Life) (gap time.Duration, ok bool) {
	if life.End == nil {
		return 0, false
	}
	var told []time.Time
	for _, at := range s.OOMEvents {
		if !s.besideAt(at) && !execKilled(life, at) {
			told = append(told, at)
		}
	}
	for _, k := range s.Kills {
		if !s.IsBeside(k) {
			told = append(told, *k.At)
		}
	}
	for _, at := range told {
		if before := life.End.Sub(at); before >= 0 && before <= mainSlack && (!ok || before < gap) {
			gap, ok = before, true
		}
	}
	return gap, ok
}

// IsBeside tells whether a kill took a command beside the main process.
func (s MemorySigns) IsBeside(k kernellog.Kill) bool {
	return slices.ContainsFunc(s.Beside, func(b kernellog.Kill) bool { return b.Line == k.Line && b.PID == k.PID })
}

// besideAt tells whether such a kill came at a moment.
func (s MemorySigns) besideAt(at time.Time) bool {
	return slices.ContainsFunc(s.Beside, func(b kernellog.Kill) bool { return b.At.Sub(at).Abs() <= KernelSlack })
}

// untoldKill returns the kernel's report of a kill in this container's group whose "Killed process" line is not in the
// log: cut off, rate-limited, or of a kernel whose line a filter dropped.
func untoldKill(e *evidence.Evidence, life *evidence.Life) *kernellog.Trouble {
	if e.Kernel.Log == nil || life.End == nil {
		return nil
	}
	for i, t := range e.Kernel.Log.Trouble {
		ours := t.Kind == kernellog.TroubleVictimUntold && t.Container != nil && t.Container.ID == idOf(e, life)
		if ours && t.At != nil && t.At.Sub(*life.End).Abs() <= KernelSlack {
			return &e.Kernel.Log.Trouble[i]
		}
	}
	return nil
}

// ForkRejected is the kernel's line of the first process that it refused at the container's pids limit in this life;
// nil = there is none.
func (c Case) ForkRejected() *kernellog.Trouble {
	if c.Kernel.Log == nil || c.Life == nil {
		return nil
	}
	for i, t := range c.Kernel.Log.Trouble {
		if t.Kind == "fork-rejected" && t.Container != nil && t.Container.ID == c.Target.ID && t.At != nil &&
			c.Life.Contains(*t.At, 0) {
			return &c.Kernel.Log.Trouble[i]
		}
	}
	return nil
}

// NamelessKill is an OOM kill whose line names no container: those of a host that ran out of memory say it only from
// Linux 5.0 on (oom-kill:constraint=…,task_memcg=), and the kernel leaves that line out where it prints too much. It is
// tied to a container as crashes are, by command and time, with its ground.
type NamelessKill struct {
	kernellog.Kill
	Match NameMatch
	Gap   time.Duration // between the kill and the end, never negative
}

// NameMatch grades a tie by command.
type NameMatch int

// The grades, weakest first.
const (
	MatchTime NameMatch = iota // at the same moment; the command is not known to be the container's
	MatchKind                  // a command of its kind: some Python where it runs Python
	MatchName                  // its own command
)

// namelessKill returns the best tied one at the end of a life that SIGKILL ended.
func namelessKill(e *evidence.Evidence, life *evidence.Life) *NamelessKill {
	if e.Kernel.Log == nil || life.End == nil || life.ExitCode == nil || *life.ExitCode != 137 {
		return nil
	}
	var best *NamelessKill
	for _, k := range e.Kernel.Log.Kills {
		if k.At == nil || k.Container != nil && k.Attribution != kernellog.AttributionGuess {
			continue
		}
		n := NamelessKill{Kill: k, Match: matchOf(e.Spec, k.Comm), Gap: k.At.Sub(*life.End).Abs()}
		if n.Gap > KernelSlack || n.Match == MatchTime && n.Gap > oomSlack {
			continue
		}
		if best == nil || n.Match > best.Match || n.Match == best.Match && n.Gap < best.Gap {
			best = &n
		}
	}
	return best
}

func matchOf(spec *evidence.Spec, comm string) NameMatch {
	switch fits, exact := spec.CommandFits(comm); {
	case exact:
		return MatchName
	case fits:
		return MatchKind
	}
	return MatchTime
}

// oomEventsOf returns the life's oom events. On cgroup v1 the kernel tells every
// group below the one that hit its limit, so an innocent sibling gets the event
// too; where the kernel log proves that, there is none.
func oomEventsOf(e *evidence.Evidence, life *evidence.Life) (own []time.Time, sibling bool) {
	for _, ev := range life.Events {
		if ev.Kind != fact.EventOOMTold {
			continue
		}
		if siblingsKill(e, ev.At) {
			sibling = true
			continue
		}
		own = append(own, ev.At)
	}
	return own, sibling
}

// siblingsKill tells whether the kernel log holds a kill at that moment whose
// victim was another container's, under an outer limit, and none of ours.
func siblingsKill(e *evidence.Evidence, at time.Time) bool {
	if !e.Kernel.Covers(at) {
		return false
	}
	sibling := false
	for _, kill := range e.Kernel.Log.Kills {
		if kill.At == nil || kill.At.Sub(at).Abs() > KernelSlack || kill.Container == nil {
			continue
		}
		if kill.Container.ID == e.Target.ID {
			return false
		}
		sibling = sibling || kill.Scope == kernellog.ScopeOuterLimit
	}
	return sibling
}

// oomAtEnd returns the oom event that came with the life's end, nil where none did.
func oomAtEnd(life *evidence.Life, events []time.Time) *time.Time {
	if life.End == nil {
		return nil
	}
	for i, at := range events {
		if execKilled(life, at) {
			continue
		}
		if at.Sub(*life.End).Abs() <= oomSlack || endToldAt(life, at, oomSlack) {
			return &events[i]
		}
	}
	return nil
}

// endToldAt tells whether the event of the life's end came within d of a moment: with
// a stuck log driver it comes long after the end itself.
func endToldAt(life *evidence.Life, at time.Time, d time.Duration) bool {
	for _, ev := range life.Events {
		if ev.Kind == fact.EventEnded && ev.At.Sub(at).Abs() <= d {
			return true
		}
	}
	return false
}

// sticky tells whether the OOMKilled flag, though set, does not explain the
// end of the examined life: any process of the container may have set it, and some
// engines let it outlive the next start (docs/notes/DOCKER.md#a1).
func sticky(e *evidence.Evidence, life *evidence.Life, s MemorySigns) bool {
	if !flagged(e, life) {
		return false
	}
	if life.Alive {
		return e.Engine.OOMFlagStays
	}
	if life.ExitCode == nil || *life.ExitCode != 137 {
		return true
	}
	return s.oomBefore() && s.KillAtEnd == nil && s.OOMAtEnd == nil
}

// flagged tells whether the runtime marked the run, or the container where runs have no mark of their own.
func flagged(e *evidence.Evidence, life *evidence.Life) bool {
	if life.OOM != nil {
		return *life.OOM
	}
	return e.Status != nil && e.Status.OOMKilled
}

// oomBefore tells whether a kill of this life is recorded: then it is what set the
// flag, and as none of them lies at the end the flag does not speak of it.
func (s MemorySigns) oomBefore() bool { return len(s.Kills) > 0 || len(s.OOMEvents) > 0 }
