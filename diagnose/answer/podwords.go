package answer

import "strings"

// kubelet says in Kubernetes' words what the rules say in an engine's.
var kubelet = strings.NewReplacer(
	"the engine was asked to: the kubelet's kill", "the kubelet recorded its kill",
	"the engine was asked to: ", "the kubelet was asked to: ",
	"ended on request: the kubelet's kill", "killed by the kubelet",
	"from outside the engine", "from outside Kubernetes",
	"the engine's", "the kubelet's",
	"the engine", "the kubelet",
)

// inKubeletsWords rewrites the sentences of a diagnosis of a pod; what others wrote stays.
func inKubeletsWords(d *Diagnosis) {
	say := func(s *string) { *s = kubelet.Replace(*s) }
	say(&d.Verdict.Summary)
	say(&d.Death.Reason)
	for i := range d.Death.Chain {
		say(&d.Death.Chain[i])
	}
	for i := range d.Causes {
		sayAll(say, d.Causes[i].Findings)
	}
	for i := range d.Alternatives {
		sayAll(say, d.Alternatives[i].Findings)
	}
	for i := range d.Timeline {
		say(&d.Timeline[i].What)
	}
}

func sayAll(say func(*string), list []Finding) {
	for i := range list {
		say(&list[i].Summary)
	}
}
