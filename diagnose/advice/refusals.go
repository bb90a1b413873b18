package advice

import (
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
)

// saying is what to do where the scheduler or the API server says something.
type saying struct {
	words string // of theirs
	draft draft
}

// saidBy is by reason. The scheduler counts the nodes by what keeps each from taking the pod, so several may hold:
//
//	0/3 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {gpu: }, 1 node(s) were unschedulable.
var saidBy = map[string][]saying{
	fact.Unschedulable: {
		{"scheduling gates", draft{when: Now, title: "See who holds it back: whoever set a scheduling gate takes it away",
			command: "kubectl -n {namespace} get pod {pod} -o custom-columns=GATES:.spec.schedulingGates"}},
		{"were unschedulable", draft{when: Now, title: "See which nodes are cordoned (SchedulingDisabled)",
			detail: "kubectl uncordon NODE lets one take pods again.", command: "kubectl get nodes"}},
		{"Insufficient", draft{when: Now, title: "See what the nodes have left", command: "kubectl describe nodes"}},
		{"Insufficient", draft{when: Then, title: "Ask for less, or add a node",
			detail: "The scheduler counts requests, not what is used."}},
		{"affinity/selector", draft{when: Now, title: "See which labels the nodes have", command: "kubectl get nodes " +
			"--show-labels"}},
		{"affinity/selector", draft{when: Then, title: "Give a node the label that the pod wants, or let the pod want less"}},
		{"untolerated taint", draft{when: Now, title: "See which taints the nodes have", command: "kubectl get nodes " +
			"-o custom-columns=NAME:.metadata.name,TAINTS:.spec.taints"}},
		{"untolerated taint", draft{when: Then, title: "Mend what a node is tainted for, or let the pod tolerate it",
			detail: "Taints of node.kubernetes.io (pressure, not-ready, unreachable) go when the node is well again."}},
		{"free ports", draft{when: Then, title: "Leave out hostPort: one pod of each node can have it"}},
		{"ersistentvolumeclaim", draft{when: Now, title: "See whether its claims are there, and bound",
			command: "kubectl -n {namespace} get pvc"}},
		{"ersistentVolumeClaim", draft{when: Now, title: "See whether its claims are bound",
			command: "kubectl -n {namespace} get pvc"}},
	},
	fact.PodRefused: {
		{"exceeded quota", draft{when: Now, title: "See what the namespace's quota leaves",
			command: "kubectl -n {namespace} describe quota"}},
		{"usage per ", draft{when: Now, title: "See what the namespace allows of each", command: "kubectl -n {namespace} " +
			"describe limitranges"}},
		{"violates PodSecurity", draft{when: Then, title: "Give its containers the securityContext that the namespace " +
			"wants, or the namespace another level", detail: "The label pod-security.kubernetes.io/enforce says which."}},
		{"failed calling webhook", draft{when: Now, title: "See which webhooks are asked, and whether they answer",
			command: "kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations"}},
		{"no runtime for", runtimeClass}, {"RuntimeHandler", runtimeClass},
	},
}

var runtimeClass = draft{when: Now, title: "Compare the RuntimeClass that it wants with what the node's runtime has",
	command: "kubectl get runtimeclasses"}

// saidAdvice is what fits the words by which the pod was refused.
func saidAdvice(c inquest.Case, reason string) []draft {
	var list []draft
	for _, s := range saidBy[reason] {
		for _, t := range c.Told {
			if t.ID == reason && (strings.Contains(t.Excerpt, s.words) || strings.Contains(t.Summary, s.words)) {
				list = append(list, s.draft)
				break
			}
		}
	}
	return list
}
