package inquest

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest/inside"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// Dependency is a neighbour that this container uses, or is said to need, and that does not answer. A client that waits
// for it without a limit prints nothing, so no log need name it.
type Dependency struct {
	evidence.Neighbour
	Silence Silence
	Tie     Tie
	Since   *time.Time // when it was paused, raised its alarm, or ended; nil = not told
	Alarm   string     // what its alarm is of, in its own log's words: "memory"; "" = it has none
	Wait    *Wait      // the thread that waits for it, the main one first, then the longest; nil = none is seen
	Waiting int        // threads that wait for it
	Open    int        // connections to it
	Pending int        // bytes that this container sent it and it has not read
	Said    string     // what the log says of it; "" = nothing
	Broke   string     // the exception of a connection that the program ended by, having named it before; "" = none
}

// Wait is a thread that waits in a system call for the other end of a connection.
type Wait struct {
	Main    bool // the main thread of its process
	Thread  int
	Call    string
	Address string // 192.168.80.2:6379
	Called  string // the neighbour that has the address; "" = none of them
	For     float64
	Frames  []evidence.Frame // its calls, newest first; of a program in Python only
	Cut     bool             // what it sends does not arrive: it asks for a connection in vain, or nothing is acknowledged
	Tasks   int              // how many tasks wait, and no thread; 0 = a thread does
}

// Place is the program's own newest call that waits; nil = none is known.
func (w *Wait) Place() *evidence.Frame {
	if w == nil {
		return nil
	}
	return inside.NewestOwn(w.Frames)
}

// Called is the name that its users know it by.
func (d Dependency) Called() string { return cmp.Or(d.Service, d.Name) }

// Silence is why a neighbour does not answer.
type Silence int

// The kinds of silence, the plainest first.
const (
	SilencePaused Silence = iota // the runtime froze it
	SilenceHalted                // its processes were stopped by a signal; the runtime calls it running
	SilenceAlarm                 // a broker that has an alarm: it reads nothing more of who publishes
	SilenceEnded                 // it does not run
	SilenceUnread                // it runs, and does not read what it is sent
	SilenceCut                   // nothing that is sent arrives: a firewall, a route, a host that is gone
	SilenceMute                  // it reads, and does not answer
)

// Tie is how it is known that the two have to do with each other.
type Tie int

// The kinds of tie, the strongest first.
const (
	TieWaits  Tie = iota // a thread waits for it, or it has unread requests
	TieNamed             // the log names it as what cannot be reached
	TieOpen              // there are connections to it
	TieNeeded            // the compose file or a setting names it
)

// dependenciesOf finds the neighbours that do not answer and that the examined life has to do with, the most telling
// first.
func dependenciesOf(e *evidence.Evidence, x Examined, s Signs) []Dependency {
	var list []Dependency
	for _, n := range slices.Concat(e.Neighbours, strangers(e, x)) {
		d := Dependency{Neighbour: n}
		d.alarmed(s.Backends)
		if !d.tie(e, x, s.Log) || !d.silent(e, x, s) {
			continue
		}
		list = append(list, d)
	}
	slices.SortStableFunc(list, func(a, b Dependency) int {
		return cmp.Or(cmp.Compare(a.order(), b.order()), cmp.Compare(a.Silence, b.Silence))
	})
	return list
}

// order puts a mere address behind the neighbours that the log names: it may be the one that such a neighbour had.
func (d Dependency) order() int {
	if d.Wait != nil && d.Name == d.Wait.Address {
		return 2*int(TieNamed) + 1
	}
	return 2 * int(d.Tie)
}

// strangers are those for which threads wait and that are no neighbours: containers of no project, and other machines.
// What is known of them is what their sockets show.
func strangers(e *evidence.Evidence, x Examined) []evidence.Neighbour {
	if !x.Alive() || e.Inside == nil {
		return nil
	}
	var list []evidence.Neighbour
	for _, p := range e.Inside.Processes {
		for _, s := range p.Awaited() {
			if !outgoing(e.Process, *s) {
				continue
			}
			n := evidence.Neighbour{Name: cmp.Or(s.Name, s.Remote), Addresses: addressOf(s.Remote),
				State: cmp.Or(s.Condition, fact.StateRunning)}
			known := func(o evidence.Neighbour) bool { return o.Name == n.Name }
			if calledAt(e.Neighbours, s.Remote) == "" && !slices.ContainsFunc(list, known) {
				list = append(list, n)
			}
		}
	}
	return list
}

// addressOf is the address of an address and port.
func addressOf(at string) []string {
	addr, err := netip.ParseAddrPort(at)
	if err != nil {
		return nil
	}
	return []string{addr.Addr().Unmap().String()}
}

// tie finds what connects the two; false = nothing.
func (d *Dependency) tie(e *evidence.Evidence, x Examined, log *servicelog.Run) bool {
	if x.Alive() {
		d.lookAt(e)
	}
	for _, u := range d.Unread {
		d.Pending += u.Bytes
	}
	d.Said = saidOf(log, d.Neighbour)
	if !x.Alive() {
		d.Broke = brokeOff(log, d.Neighbour)
	}
	switch {
	case d.Wait != nil || d.Pending > 0:
		d.Tie = TieWaits
	case d.Said != "" || d.Broke != "":
		d.Tie = TieNamed
	case d.Open > 0:
		d.Tie = TieOpen
	default:
		d.Tie = TieNeeded
		return needs(e.Spec, d.Neighbour)
	}
	return true
}

// saidOf is what the log says of a neighbour that it calls unreachable or lost: the newest finding; "" = nothing.
func saidOf(log *servicelog.Run, n evidence.Neighbour) string {
	if log == nil {
		return ""
	}
	for _, f := range slices.Backward(log.Findings) {
		host, _, _ := strings.Cut(f.Object, ":")
		about := f.Other == fact.DependencyDown || f.Other == fact.DependencyLost
		if about && n.Is(host) {
			return f.Object
		}
	}
	return ""
}

// connectionErrors are the exceptions of a socket whose other end does not answer, or is gone. They name nobody.
var connectionErrors = []string{"TimeoutError", "socket.timeout", "ConnectionError", "ConnectionResetError",
	"BrokenPipeError", "ConnectionAbortedError"}

// brokeOff returns the exception of a connection by which a program ended that had reached the neighbour: "connected to
// redis"; "" = there is none. Which connection it was of, the exception does not tell.
func brokeOff(log *servicelog.Run, n evidence.Neighbour) string {
	if log == nil || n.Service == "" {
		return ""
	}
	for _, f := range slices.Backward(log.Findings) {
		e := f.Exception
		if e == nil || f.ID != Unclassified && f.ID != "startup-exception" ||
			!slices.Contains(connectionErrors, e.Type) {
			continue
		}
		reached := func(l servicelog.Line) bool { return !l.At.After(f.At) && reaches(l.Text, n.Service) }
		if slices.ContainsFunc(log.Tail, reached) {
			return strings.TrimSuffix(e.Type+": "+e.Message, ": ")
		}
	}
	return ""
}

// reaches tells whether a line says that a service was connected to.
func reaches(text, service string) bool {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return r != '-' && r != '_' && (r < '0' || r > '9' && r < 'a' || r > 'z')
	})
	return slices.Contains(words, "connected") && slices.Contains(words, strings.ToLower(service)) &&
		!slices.Contains(words, "not")
}

// addrOf reads an address; the zero one where it is none.
func addrOf(text string) netip.Addr {
	addr, _ := netip.ParseAddr(text)
	return addr
}

// lookAt takes what the processes show of their connections to the neighbour.
func (d *Dependency) lookAt(e *evidence.Evidence) {
	if e.Process != nil {
		for _, r := range e.Process.Remotes {
			if d.At(netip.AddrPortFrom(addrOf(r.Address), uint16(r.Port)).String()) && r.State != "TIME_WAIT" {
				d.Open += max(r.Count, 1)
			}
		}
	}
	for _, w := range waitsOf(e) {
		if !d.At(w.Address) && w.Called != d.Called() {
			continue
		}
		d.Waiting++
		if d.Wait == nil || w.Main && !d.Wait.Main || w.Main == d.Wait.Main && w.For > d.Wait.For {
			d.Wait = &w
		}
	}
}

// waitsOf lists the threads that wait in a system call for the other end of a connection that the container opened
// itself.
func waitsOf(e *evidence.Evidence) []Wait {
	if e.Inside == nil {
		return nil
	}
	var list []Wait
	for _, p := range e.Inside.Processes {
		for _, t := range p.Threads {
			if t.Wait == nil {
				continue
			}
			if t.Wait.Socket != nil && outgoing(e.Process, *t.Wait.Socket) {
				list = append(list, waitOf(e, t, t.TID == p.PID))
			}
			if s := t.Wait.Connecting; s != nil && outgoing(e.Process, *s) { // the thread goes on meanwhile
				list = append(list, Wait{Thread: t.TID, Call: "connect", Address: s.Remote,
					Called: calledAt(e.Neighbours, s.Remote), Cut: true, For: s.Unanswered})
			}
		}
		for _, c := range p.Connections {
			if c.Stood > 0 && inside.SilentPeer(c.Socket) && outgoing(e.Process, c.Socket) {
				list = append(list, taskWait(e, p, c))
			}
		}
	}
	return list
}

// taskWait is the wait of tasks that stood at both looks, for who does not run or has not read what it was sent.
func taskWait(e *evidence.Evidence, p evidence.InsideProcess, c evidence.InsideConnection) Wait {
	w := Wait{Address: c.Socket.Remote, Called: calledAt(e.Neighbours, c.Socket.Remote), Tasks: len(c.Tasks)}
	if t := p.Task(c.Tasks[0]); t != nil {
		w.Frames = t.Frames
	}
	return w
}

func waitOf(e *evidence.Evidence, t evidence.InsideThread, main bool) Wait {
	s := t.Wait.Socket
	w := Wait{Main: main, Thread: t.TID, Call: t.Wait.Call, Address: s.Remote, Called: calledAt(e.Neighbours, s.Remote),
		Frames: t.Frames, Cut: s.State == "SYN_SENT" || s.Unsent > 0}
	if t.LastRan != nil && t.Still != nil && *t.Still {
		w.For = *t.LastRan
	}
	return w
}

// outgoing tells whether a connection goes to another container or host: not a client's to one of the listeners, and
// not one within.
func outgoing(p *evidence.Process, s evidence.Peering) bool {
	local, errLocal := netip.ParseAddrPort(s.Local)
	remote, errRemote := netip.ParseAddrPort(s.Remote)
	if p == nil || errLocal != nil || errRemote != nil || s.Protocol != "tcp" || remote.Addr().Unmap().IsLoopback() {
		return false
	}
	return !slices.ContainsFunc(p.Listeners, func(l evidence.Listener) bool { return l.Port == int(local.Port()) })
}

// calledAt is the name of the neighbour that has the address of an address and port; "" = none of them.
func calledAt(list []evidence.Neighbour, at string) string {
	for _, n := range list {
		if n.At(at) {
			return Dependency{Neighbour: n}.Called()
		}
	}
	return ""
}

// silent tells whether the neighbour fails to answer, in the examined life's time as far as that is told.
func (d *Dependency) silent(e *evidence.Evidence, x Examined, s Signs) bool {
	switch {
	case d.State == fact.StatePaused:
		d.Silence, d.Since = SilencePaused, cmp.Or(lastOf(e.Around, d.Name, fact.EventPaused), d.waitsSince(e))
	case d.State == fact.StateRunning && d.Halted != nil && *d.Halted:
		d.Silence = SilenceHalted
		return x.Alive()
	case d.State == fact.StateRunning && d.Down != "":
		d.Silence, d.Since = SilenceEnded, d.FinishedAt
		return d.Said != "" && d.wasAway(x)
	case d.State == fact.StateRunning && d.Alarm != "":
		d.Silence = SilenceAlarm
		return x.Alive()
	case d.State == fact.StateRunning && d.Pending > 0:
		// For a moment every server has something unread.
		d.Silence = SilenceUnread
		return x.Alive() && (d.Wait != nil || s.Streak > 0)
	case d.State == fact.StateRunning && d.Wait != nil && d.Wait.For >= inside.LongStand:
		d.Silence, d.Since = SilenceMute, d.waitsSince(e)
		if d.Wait.Cut {
			d.Silence = SilenceCut
			return x.Alive()
		}
		return x.Alive() && d.missed(s)
	case d.State == fact.StateExited || d.State == "dead":
		if d.Silence, d.Since = SilenceEnded, d.asked(e); d.Down != "" {
			return d.wasDown(e, x)
		}
		if d.Since == nil || d.Said == "" && d.Broke == "" && !endedUnmeant(e, d.Neighbour) {
			return false
		}
	default:
		return false
	}
	return x.Alive() && d.Since == nil || d.Since != nil && x.Life.Contains(*d.Since, backendReach)
}

// wasDown tells whether nothing stood behind a Service in the examined life's time, as nothing does now. Since when
// need not be known of one that never had a pod: then only what the log says of it counts.
func (d *Dependency) wasDown(e *evidence.Evidence, x Examined) bool {
	if d.Since == nil {
		return d.Said != "" && x.endsNear(e.Now)
	}
	return x.Alive() || x.Life != nil && x.Life.End != nil && !d.Since.After(*x.Life.End)
}

// wasAway tells whether what serves now did not at the end of the examined life, or shortly before.
func (d *Dependency) wasAway(x Examined) bool {
	if x.Life == nil || x.Life.End == nil || d.FinishedAt == nil || d.StartedAt == nil {
		return false
	}
	return !d.FinishedAt.After(*x.Life.End) && d.StartedAt.After(x.Life.End.Add(-backendReach))
}

// longestBackOff is how long a kubelet waits at most before it starts a container again.
const longestBackOff = 5 * time.Minute

// endsNear tells whether what is so now was most likely so at the end of the life, too: it lives, or has just ended.
func (x Examined) endsNear(now time.Time) bool {
	return x.Alive() || x.Life != nil && x.Life.End != nil && now.Sub(*x.Life.End) <= longestBackOff
}

// The findings of RabbitMQ's log that begin and end an alarm.
const (
	alarmSet     = "rabbitmq-resource-alarm"
	alarmCleared = "rabbitmq-alarm-cleared"
)

// alarmed finds the alarm that the neighbour's log tells of and does not take back. Its clients are told only where
// they ask (connection.blocked); a publisher waits for ever and prints nothing (docs/notes/PYTHON.md#1.8).
func (d *Dependency) alarmed(list []BackendFinding) {
	for _, f := range list {
		switch {
		case f.Name != d.Name:
		case f.ID == alarmCleared && d.Since != nil && f.LastAt.After(*d.Since):
			d.Since, d.Alarm = nil, ""
		case f.ID == alarmSet:
			d.Since, d.Alarm = &f.LastAt, AlarmOf(f.Finding)
		}
	}
}

// AlarmOf is what a broker's alarm is of, in its own words; "" = the finding is of no alarm.
func AlarmOf(f servicelog.Finding) string {
	if f.ID != alarmSet {
		return ""
	}
	for _, of := range []string{"memory", "disk", "file descriptor"} {
		if strings.Contains(f.Excerpt, of+" ") {
			return of
		}
	}
	return "resource"
}

// waitsSince is when the longest wait for it began; nil = none is seen, or for how long is not known.
func (d *Dependency) waitsSince(e *evidence.Evidence) *time.Time {
	if d.Wait == nil || d.Wait.For == 0 {
		return nil
	}
	since := e.Inside.At.Add(-time.Duration(d.Wait.For * float64(time.Second)))
	return &since
}

// missed tells whether somebody suffers from an answer that does not come: a consumer waits for work in the same way,
// for hours.
func (d *Dependency) missed(s Signs) bool {
	full := slices.ContainsFunc(s.Full, func(f inside.Full) bool { return len(f.Waiting) >= inside.ManyWait })
	return s.Streak > 0 || d.Waiting >= inside.ManyWait && full
}

// stopReach is how long after it was asked to a program may end: what it serves ends with the first of that.
const stopReach = time.Minute

// asked is when a neighbour that has ended was asked to, or ended by itself.
func (d *Dependency) asked(e *evidence.Evidence) *time.Time {
	if d.FinishedAt == nil {
		return nil
	}
	for _, ev := range e.Around {
		if ev.Name == d.Name && ev.Kind == fact.EventSignalSent && !ev.At.After(*d.FinishedAt) &&
			d.FinishedAt.Sub(ev.At) <= stopReach {
			return &ev.At
		}
	}
	return d.FinishedAt
}

// endedUnmeant tells whether a neighbour that does not run was made to end, failed, or is named by a setting: one that
// only depends_on names and that ended with success by itself is a job that was meant to (a migration).
func endedUnmeant(e *evidence.Evidence, n evidence.Neighbour) bool {
	return n.ExitCode == nil || *n.ExitCode != 0 || lastOf(e.Around, n.Name, fact.EventStopped) != nil ||
		lastOf(e.Around, n.Name, fact.EventSignalSent) != nil || len(n.NamedBy) > 0
}

// lastOf is when a neighbour's newest event of a kind was.
func lastOf(events []evidence.Event, name string, kind fact.Event) *time.Time {
	for _, ev := range slices.Backward(events) {
		if ev.Name == name && ev.Kind == kind {
			return &ev.At
		}
	}
	return nil
}

// needs tells whether the compose file or a setting says that the container needs the neighbour.
func needs(spec *evidence.Spec, n evidence.Neighbour) bool {
	return len(n.NamedBy) > 0 || spec != nil && n.Service != "" && slices.Contains(spec.DependsOn, n.Service)
}

// BrokenOff returns the neighbour that had fallen silent before the program ended by an exception of its connection;
// nil = there is none.
func (c Case) BrokenOff() *Dependency {
	for i, d := range c.Stuck {
		first := c.FirstTrouble()
		if d.Broke != "" && d.Since != nil && (first == nil || !d.Since.After(*first)) {
			return &c.Stuck[i]
		}
	}
	return nil
}

// AwaitedSince returns the neighbour that threads wait for without an answer, or that the log calls unreachable, and
// that had fallen silent by the given moment (nil: by now): what ran dry from then on did so because what such threads
// hold does not come back. nil = there is none.
func (c Case) AwaitedSince(moment *time.Time) *Dependency {
	for i, d := range c.Stuck {
		late := moment != nil && !moment.IsZero() && d.Since != nil && d.Since.After(moment.Add(clockSlack))
		if c.Alive() && d.Tie <= TieNamed && !late {
			return &c.Stuck[i]
		}
	}
	return nil
}

// clockSlack is how far the clocks of the engine and of a container's lines may be apart.
const clockSlack = 2 * time.Second

// MainWait is the wait of a main thread for a connection of its own: what holds up a program that serves from it;
// nil = none is seen.
func (c Case) MainWait() *Wait {
	if !c.Alive() {
		return nil
	}
	for _, w := range waitsOf(&c.Evidence) {
		if w.Main {
			return &w
		}
	}
	return nil
}
