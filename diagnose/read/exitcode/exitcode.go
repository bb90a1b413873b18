package exitcode

import (
	"fmt"
	"slices"
)

// Likelihood says how often a meaning is the right one where nothing else is known.
type Likelihood string

// The three likelihoods, most likely first.
const (
	Usual    Likelihood = "usual"
	Possible Likelihood = "possible"
	Rare     Likelihood = "rare"
)

// rank orders likelihoods: the smaller, the more likely.
func (l Likelihood) rank() int {
	return slices.Index([]Likelihood{Usual, Possible, Rare}, l)
}

// Meaning is one thing that an exit code can mean.
type Meaning struct {
	Summary    string     `json:"summary"`
	Likelihood Likelihood `json:"likelihood"`
	When       string     `json:"when"`  // the circumstances that it needs
	Check      string     `json:"check"` // the command or fact that decides
}

// Code is what is known about one exit code. Code is always 0..255.
type Code struct {
	Code         int       `json:"code"`
	Signal       string    `json:"signal,omitempty"` // "SIGSEGV" for 128+n; "" = the code names no signal
	Title        string    `json:"title"`
	Meanings     []Meaning `json:"meanings"` // most likely first, never empty
	DoesNotProve string    `json:"doesNotProve"`
}

// Context is what is known about the container beside its code. Nil and ""
// mean unknown.
type Context struct {
	Started     *bool  // false: the engine never started it (status created)
	PID1Shell   *bool  // PID 1 is a shell that runs the service as its child
	InitProcess *bool  // docker-init, tini or dumb-init is PID 1
	Runtime     string // docker, podman, containerd, cri-o, kubernetes
	OOMKilled   *bool  // the engine's flag: container-wide and sticky, never a proof
	EngineError string // State.Error: the engine's own start or stop error
}

// Explain returns all that a code can mean. A code outside 0..255 is folded as
// the kernel folds it (code & 0xFF, exit(3)), and the first meaning says so.
func Explain(code int) Code { return ExplainIn(code, Context{}) }

// ExplainIn is Explain with what is known about the container: meanings that it
// rules out are left out, meanings that it supports come first.
func ExplainIn(code int, c Context) Code {
	folded := code & 0xFF
	s := lookup(folded)
	answer := Code{Code: folded, Title: s.title, DoesNotProve: s.doesNotProve}
	answer.Signal, _ = Signal(folded)
	answer.Meanings = meaningsIn(s.meanings, c)
	if folded != code {
		answer.Title = fmt.Sprintf("%d is folded to %d: %s", code, folded, s.title)
		answer.Meanings = slices.Insert(answer.Meanings, 0, foldedMeaning(code, folded))
	}
	return answer
}

func foldedMeaning(code, folded int) Meaning {
	m := Meaning{
		Summary: fmt.Sprintf("the program passed %d; the kernel keeps only the lowest 8 bits, so the container shows %d",
			code, folded),
		Likelihood: Usual,
		When:       "a program calls exit() with a number outside 0..255",
		Check:      "look for the number in the program: sys.exit(n), os._exit(n), exit n",
	}
	if uint32(code) >= 0xC0000000 && code > 255 || code < -255 {
		// Windows containers report an NTSTATUS, printed signed or unsigned.
		m.Summary = fmt.Sprintf("%d reads as a Windows status (0x%08X), which only a Windows container has; Linux would "+
			"show %d", code, uint32(code), folded)
		m.When = "the container runs on Windows"
		m.Check = "docker inspect -f '{{.Platform}}' NAME"
	}
	return m
}

// special is the knowledge about one code.
type special struct {
	code         int
	title        string
	doesNotProve string
	meanings     []entry
}

func lookup(code int) special {
	if s, ok := find(code); ok {
		return s
	}
	return ordinary(code)
}

// find returns the special knowledge about a code: its own entry, else what the
// tables of signals and of negative return codes make of the number.
func find(code int) (special, bool) {
	for _, table := range [][]special{lowCodes, engineCodes, killCodes, faultCodes, highCodes} {
		for _, s := range table {
			if s.code == code {
				return s, true
			}
		}
	}
	if s, ok := relayedSignal(code); ok {
		return s, true
	}
	return negativeSignal(code)
}

// ordinary is what can be said about a code with no meaning of its own.
func ordinary(code int) special {
	s := special{
		code: code, title: fmt.Sprintf("exit code %d, the program's own choice", code),
		doesNotProve: "the number has no common meaning: only the program's documentation or log says what it stands for",
		meanings: []entry{{Meaning: Meaning{
			Summary: "the program ended itself with this number", Likelihood: Usual,
			When:  "any program, or a shell whose last command ended so",
			Check: "docker logs --tail 50 NAME, and the program's documentation of its exit codes",
		}}},
	}
	if name := SignalName(code); name != "" && fatal[code] {
		s.meanings = append(s.meanings, waitStatus(code, name))
	}
	if n := code - 128; n >= sigRTMin && n <= sigRTMax {
		s.meanings = append(s.meanings, entry{Meaning: Meaning{
			Summary: "real-time signal " + SignalName(n) + " ended it", Likelihood: Rare,
			When:  "a program or an operator sends real-time signals, as systemd's " + SignalName(37) + " for halt",
			Check: "docker inspect -f '{{.Config.StopSignal}}' NAME",
		}})
	}
	return s
}
