package docker

import (
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
)

// dialect is how one of the engines that speak Docker's API means what it says.
type dialect struct {
	podman     bool
	sparse     bool   // it does not tell of every signal and kill
	command    string // of its users
	anyRequest string
	note       evidence.Note
}

var (
	dockers = dialect{command: "docker", anyRequest: "a stop or kill through the engine",
		note: evidence.Note{Words: "the engine's state file"}}
	podmans = dialect{podman: true, sparse: true, command: "podman", anyRequest: "podman stop or podman kill",
		note: evidence.Note{Words: "Podman's own record (StoppedByUser)",
			Command: "podman inspect --format '{{.State.StoppedByUser}}' NAME"}}
	// containerd tells events to who listens at the time, and keeps none.
	containerds = dialect{sparse: true, command: "nerdctl", anyRequest: "nerdctl stop or nerdctl kill"}
)

// podmanLayers is where Podman keeps containers, rootful and rootless.
const podmanLayers = "/containers/storage/"

// dialectOf tells whose files a bundle holds. Bundles of Podman that were recorded before that was told apart say
// "docker"; /version names the engine, and the layer's folder does where that was too slow.
func dialectOf(b *bundle.Bundle, in *Inspected) dialect {
	type version struct{ Components []struct{ Name string } }
	switch b.Manifest().Target.Runtime {
	case bundle.RuntimePodman:
		return podmans
	case bundle.RuntimeContainerd:
		return containerds
	}
	if v := decode[version](b, bundle.FileVersion); v != nil {
		for _, c := range v.Components {
			if c.Name == "Podman Engine" {
				return podmans
			}
		}
	}
	if in != nil && strings.Contains(in.upperDir, podmanLayers) {
		return podmans
	}
	return dockers
}

// labelStopped is nerdctl's: it writes it when somebody has it stop or kill a container, and takes it back at a start.
const labelStopped = "containerd.io/restart.explicitly-stopped"

// asked is the runtime's note whether a client had it end the newest life, where a label is that note. That the label
// is missing says nothing: ctr and a client of containerd's own API write none.
func (d dialect) asked(told *bool, labels map[string]string) *bool {
	if stopped := labels[labelStopped] == "true"; told == nil && stopped {
		return &stopped
	}
	return told
}

// turns leaves of Podman's health events, one for each probe, those by which the word changed. What a start begins
// with is no turn.
func (d dialect) turns(list []evidence.Event) {
	if !d.podman {
		return
	}
	before := map[string]string{} // by container: a list may hold several
	for i := range list {
		ev := &list[i]
		switch {
		case ev.Kind == fact.EventStarted:
			delete(before, ev.Name)
		case ev.Kind != fact.EventHealthTurned:
		case ev.Health == before[ev.Name] || ev.Health == fact.HealthStarting || ev.Health == "":
			ev.Kind = fact.EventOther
		default:
			before[ev.Name] = ev.Health
		}
	}
}

// outrun takes back the newest turn to healthy where inspect says unhealthy: Podman 4.3 writes a probe's event before
// it counts the result, so that of the probe that turned it no event tells until the next one.
func (d dialect) outrun(list []evidence.Event, s *evidence.Status) {
	if !d.podman || s == nil || s.Health == nil || s.Health.Status != fact.HealthUnhealthy {
		return
	}
	for i := range slices.Backward(list) {
		if list[i].Kind != fact.EventHealthTurned {
			continue
		}
		if list[i].Health == fact.HealthHealthy {
			list[i].Kind = fact.EventOther
		}
		return
	}
}

// couldNotRun is Podman's exit code for a probe that it could not run, and from 5.8 on for one that ran out of time.
const couldNotRun = 125

// probes marks the probes that ran out of time, which Docker says in words. Podman up to 5.4 gives them exit code -1
// and what they had printed (libpod/healthcheck.go); 5.8.6 gives 125 and nothing that they printed, and only how long
// they took tells them from those that it could not run (docs/notes/DOCKER.md#a7). It holds the failures against the
// retries as they are (4.3.1, 5.4.2: FailingStreak >= Retries), which an image that names none leaves at 0.
func (d dialect) probes(s *evidence.Status, spec evidence.Spec) {
	h := s.Health
	if !d.podman || h == nil {
		return
	}
	if h.Status == "" && len(h.Log) == 0 { // of a container without a health check
		s.Health = nil
		return
	}
	var config check.Config
	if spec.Healthcheck != nil {
		config = *spec.Healthcheck
	}
	if spec.Healthcheck != nil && config.Retries == 0 { // unhealthy at the first failure, where Docker takes 3
		config.Retries = 1
		*spec.Healthcheck = config
	}
	timeout := config.WithDefaults().Timeout
	for i, l := range h.Log {
		h.Log[i].TimedOut = l.ExitCode == -1 ||
			l.ExitCode == couldNotRun && l.Output == "" && l.End.Sub(l.Start) >= timeout
	}
}

// cleanup is Podman's event for taking away what was set up for a container: after its end, and in 4.3 after a start in
// vain.
const cleanup = "cleanup"

// The first versions of Podman that keep, in its own inspect, why it refused a start and who stopped a container
// (libpod/container_inspect.go of 4.3.1, 4.4.4, 4.6.2, 4.7.2; docs/notes/DOCKER.md#a7).
var (
	keepsRefusal = [2]int{4, 4}
	keepsStops   = [2]int{4, 7}
)

// KeepsStops tells whether a version of Podman keeps who stopped a container; one that is not known does not.
func KeepsStops(version string) bool { return leadingInt(version) > 0 && !before(version, keepsStops) }

// JoinsBackwards tells whether a version of Podman joins the pieces of a log's newest lines the wrong way round: 4.6.2
// does, 4.7.2 does not (libpod/logs/log.go).
func JoinsBackwards(version string) bool { return before(version, [2]int{4, 7}) }

// before tells whether a version is known and older than another.
func before(version string, than [2]int) bool {
	major, rest, _ := strings.Cut(version, ".")
	n := [2]int{leadingInt(major), leadingInt(rest)}
	return n[0] > 0 && slices.Compare(n[:], than[:]) < 0
}

// noteOf is where the runtime notes who had a container end; the zero Note = nowhere.
func (d dialect) noteOf(version string) evidence.Note {
	if d.podman && before(version, keepsStops) {
		return evidence.Note{}
	}
	return d.note
}

// restored takes back "created" of what has run: after a reboot Podman gives that word to all that ran at the time
// (4.3.1, resetState in libpod/container_internal.go). How it ended, it does not know.
func (d dialect) restored(s *evidence.Status, list []evidence.Event) {
	if !d.podman || s == nil || s.State != fact.StateNeverStarted {
		return
	}
	ran := !s.StartedAt.IsZero() || slices.ContainsFunc(list, func(ev evidence.Event) bool {
		return ev.Kind == fact.EventStarted
	})
	if ran {
		s.State = fact.StateUnknown
	}
}

// start tells of what has never run whether Podman tried to start it. 4.3.1 keeps no word of that: State.Error is empty
// and the exit code 0, as of what nobody has started, and where nobody read what its OCI runtime wrote (StateFile) only
// an event is left. Where its network could not be made there is none, either.
func (d dialect) start(s *evidence.Status, version string, list []evidence.Event) {
	if !d.podman || !before(version, keepsRefusal) || s == nil || s.State != fact.StateNeverStarted || s.Error != "" ||
		s.ExitCode != 0 {
		return
	}
	s.StartUntold = true
	for _, ev := range list {
		if ev.Word == cleanup {
			s.StartTried, s.StartUntold = &ev.At, false
		}
	}
}

// restartAsked is Podman's restart event where a client had it restart the container: then it comes first, before the
// end. A policy's comes after it (5.4.2: podman-5.4.2-lab__health-503, and oom-restarted in the same VM). nil = none.
func restartAsked(life *evidence.Life) *evidence.Event {
	for i, ev := range life.Events {
		switch ev.Kind {
		case fact.EventRestarted:
			return &life.Events[i]
		case fact.EventEnded:
			return nil
		}
	}
	return nil
}

// restartTold reads a request to restart, of whose signals Podman writes nothing.
func (d dialect) restartTold(life *evidence.Life, asked evidence.Event, signal string) *evidence.Request {
	r := &evidence.Request{Kind: fact.RequestRestart, Words: d.words(fact.RequestRestart), At: asked.At,
		Signal: signalNumber(signal)}
	r.Escalated = escalated(life, r)
	return r
}

// stopTold reads Podman's stop event, which is all that it writes of a stop: it comes when the stop is done.
func (d dialect) stopTold(life *evidence.Life, signal string) *evidence.Request {
	r := &evidence.Request{Kind: fact.RequestStop, Words: d.words(fact.RequestStop), Signal: signalNumber(signal)}
	for _, ev := range life.Events {
		if ev.Kind == fact.EventStopped {
			r.At = ev.At
		}
	}
	if life.End != nil && life.End.Before(r.At) {
		r.At = *life.End
	}
	r.Escalated = escalated(life, r)
	return r
}

// escalated tells by the exit code that a stop had to send SIGKILL after its signal, which Podman writes nowhere.
func escalated(life *evidence.Life, r *evidence.Request) bool {
	return life.ExitCode != nil && *life.ExitCode == 128+sigkill && r.Signal != sigkill
}
