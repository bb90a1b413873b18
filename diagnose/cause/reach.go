package cause

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// loopbackOnly sees a server that listens for its own container only.
var loopbackOnly = Rule{
	ID: fact.LoopbackOnly, Weight: 28, Source: fact.SourceProcess, Names: true,
	Why: "a port of the host leads to one on which its program listens at a loopback address: no packet from outside " +
		"gets there, and a check that asks from within does not notice",
	See: func(c inquest.Case) []Observation {
		if u := c.Unreached(); u.Certain() && u.Loopback != "" {
			return saw(&c.Process.At, unreachedText(*u), "")
		}
		return nil
	},
}

// nothingListening weighs less than what tells why.
var nothingListening = Rule{
	ID: fact.NothingListens, Weight: 20, Source: fact.SourceProcess, Names: true,
	Why: "a port of the host leads to one on which nothing listens, long after the start: who connects is refused; why, " +
		"it does not tell",
	See: func(c inquest.Case) []Observation {
		u := c.Unreached()
		if !u.Certain() || u.Loopback != "" {
			return nil
		}
		text := unreachedText(*u)
		if c.Log != nil && c.Log.Lifecycle.Ready != nil {
			text += "; it had served, by its log, " + words.Duration(c.Process.At.Sub(*c.Log.Lifecycle.Ready)) + " before"
		}
		return saw(&c.Process.At, text, "")
	},
}

// passesInVain sees a health check that tells by its address where the program is to listen, and passes whatever it
// gets.
var passesInVain = Rule{
	ID: "check-passes-in-vain", Weight: 16, Source: fact.SourceProcess, Names: true,
	Why: "its health check asks a port of its own, where nothing listens long after the start, and passes all the " +
		"same: by that check's own words it should serve there; a check that was written for another port is the other " +
		"reading",
	See: func(c inquest.Case) []Observation {
		port := c.VainPass()
		if length, ok := runLength(c); port == 0 || !ok || length < time.Minute {
			return nil
		}
		return saw(&c.Process.At, fmt.Sprintf("nothing listens on port %d of it, where its health check asks: that the "+
			"check passes proves nothing", port), "")
	},
}

// mostPorts is how many ports a sentence names.
const mostPorts = 4

func unreachedText(u inquest.Unreached) string {
	if u.Loopback != "" {
		return fmt.Sprintf("its program listens on port %d at %s only: who comes by port %d of the host is not let in",
			u.Port, u.Loopback, u.HostPort)
	}
	text := fmt.Sprintf("nothing listens on port %d, where port %d of the host leads", u.Port, u.HostPort)
	if len(u.Instead) == 0 {
		return text
	}
	var others []string
	for _, port := range u.Instead[:min(len(u.Instead), mostPorts)] {
		others = append(others, strconv.Itoa(port))
	}
	return text + ": its program listens on " + strings.Join(others, ", ")
}
