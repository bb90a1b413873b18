package cause

import (
	"fmt"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
)

// nodeEndedSeveral sees that containers of several workloads on one node were killed, or lost, in the same minutes, and
// nobody told them to end. What the kernel's OOM killer ended is judged by its memory.
var nodeEndedSeveral = Rule{
	ID: "others-of-node-ended", Weight: 14, Source: fact.SourceNodePods,
	Why: "pods of workloads that have nothing to do with each other ended alike in the same minutes: what they share " +
		"is the node; one signal sent to many by hand looks the same",
	See: func(c inquest.Case) []Observation {
		s, oom := c.Siblings, c.Life != nil && c.Life.OOM != nil && *c.Life.OOM
		if s == nil || s.OnNode < 2 || s.Owners < 2 || c.Death.At == nil || c.Death.Request != nil || oom {
			return nil
		}
		return saw(c.Death.At, fmt.Sprintf("%d more pods of its node, of %d other workloads, ended the same way in the "+
			"same minutes", s.OnNode, s.Owners), "")
	},
}
