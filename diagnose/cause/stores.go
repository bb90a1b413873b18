package cause

import (
	"fmt"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// A store that is full, or cannot save, answers who writes with a refusal and prints nothing of it: its clients' logs
// tell, and its memory.

// severalStores is the level of a refusal that may be another server's.
const severalStores = "another such server beside"

var refusesClients = Rule{
	ID: "refuses-its-clients", Fact: "refuses", Weight: 24, Source: fact.SourceNeighbours, Names: true,
	Why: "the log of a container beside it says, until now, that such a server refuses its writes, and this is the only " +
		"one that is seen beside it",
	Levels: []Level{{severalStores, 10, "another such server stands beside it, which may be the one that refuses"}},
	See: func(c inquest.Case) []Observation {
		told, others := c.RefusedClient()
		if told == nil {
			return nil
		}
		text := fmt.Sprintf("%s: its client %q was told so %s ago", fact.RefusesItself, told.Name,
			words.Duration(max(c.Now.Sub(told.LastAt), 0)))
		if l := c.DataLimit(); l != nil {
			text += "; " + dataText(*l)
		}
		seen := saw(&told.At, text, told.Excerpt)
		if others {
			return at(severalStores, seen)
		}
		return seen
	},
}

var dataAtLimit = Rule{
	ID: "data-at-their-limit", Fact: "refuses", Weight: 14, Source: fact.SourceCgroup,
	Why: "its process holds what its setting allows for its data, and it lets no old data go: it refuses every write, " +
		"unless some of them were deleted since, which gives no memory back",
	See: func(c inquest.Case) []Observation {
		l := c.DataLimit()
		if l == nil {
			return nil
		}
		return saw(&c.Process.At, fact.RefusesItself+", as it seems: "+dataText(*l), "")
	},
}

func dataText(l evidence.DataLimit) string {
	return fmt.Sprintf("it holds %s, %s allows %s, and then it refuses every write", words.Size(l.Holds), l.Setting,
		words.Size(l.Most))
}
