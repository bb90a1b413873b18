package chain

import (
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// recently is for how long the word of a client that has ended counts: the state that it was refused for passes without
// a trace.
const recently = 10 * time.Minute

// Refusing returns the diagnoses with the verdict of each server that by itself looks well, and of which its clients'
// verdict is that it refuses them for a state of its own: a redis that is full logs nothing of it and answers pings.
func Refusing(list []answer.Diagnosis) []answer.Diagnosis {
	var servers []*domino
	for i := range list {
		if v := list[i].Verdict; v.Kind == fact.NotAFailure && v.State == fact.FineOK {
			servers = append(servers, &domino{d: &list[i]})
		}
	}
	refusals := map[string]answer.Verdict{} // by the server's id
	for i := range list {
		client := &domino{d: &list[i]}
		said := refusedBy(client.d)
		if said == nil {
			continue
		}
		if server := named(client, said, servers); server != nil {
			id := server.d.Target.ID
			refusals[id] = refusing(refusals[id], client.d, said)
		}
	}
	if len(refusals) == 0 {
		return list
	}
	list = slices.Clone(list)
	for i := range list {
		if v, ok := refusals[list[i].Target.ID]; ok {
			list[i].Verdict = v
		}
	}
	return list
}

// refusing is the verdict of a server by the clients that it refuses: as sure as the surest of theirs.
func refusing(v answer.Verdict, client *answer.Diagnosis, said *answer.PeerError) answer.Verdict {
	const begins = "it runs, but refuses "
	others := ""
	if v.Summary != "" {
		others, _, _ = strings.Cut(strings.TrimPrefix(v.Summary, begins), ": ")
		others += ", "
	}
	return answer.Verdict{Kind: fact.VerdictTrouble, Confidence: max(v.Confidence, client.Verdict.Confidence),
		Other:   &answer.Other{ID: fact.DependencyRefuses, Title: fact.RefusesItself},
		Summary: begins + others + client.Target.Name + ": " + said.Excerpt}
}

// refusedBy is the refusal that a client's verdict is about, where it lasts or was there until the client's end; nil =
// there is none.
func refusedBy(d *answer.Diagnosis) *answer.PeerError {
	if d.Verdict.Reason() != fact.DependencyRefuses {
		return nil
	}
	for i, p := range d.PeerErrors {
		if p.Refused && !p.LastAt.Before(d.CapturedAt.Add(-recently)) {
			return &d.PeerErrors[i]
		}
	}
	return nil
}
