package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/kubernetes"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// podFlags say which pods of which cluster are meant. --context is shared with Docker's.
type podFlags struct {
	kubeconfig, namespace string
	container             string
	previous              bool
	onlyItsLog            bool // with previous
	nodeDebug             bool
	nodeDebugImage        string
	all                   bool
	selector              string
}

// addPodFlags adds what a command needs that takes a single target. short is for a command whose -n has one meaning.
func (a *app) addPodFlags(cmd *cobra.Command, short string) {
	flags := cmd.Flags()
	flags.StringVar(&a.pods.kubeconfig, "kubeconfig", "", "of Kubernetes: `FILE` that names the cluster (default "+
		"$KUBECONFIG, ~/.kube/config, else the pod's own service account)")
	flags.StringVarP(&a.pods.namespace, "namespace", short, "", "of Kubernetes: the namespace (default the context's)")
	flags.StringVar(&a.pods.container, "container", "", "of a pod: only this `CONTAINER` (default those that tell "+
		"something)")
	flags.BoolVar(&a.pods.previous, "previous", false, "of a pod: the run before")
}

// addNodeDebug adds what makes a pod on the node.
func (a *app) addNodeDebug(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&a.pods.nodeDebug, "node-debug", false, "of a pod: also make a privileged pod on its node, which reads "+
		"the kernel log and the control groups, and is removed again")
	flags.StringVar(&a.pods.nodeDebugImage, "node-debug-image", "",
		"with --node-debug: the `IMAGE` of that pod; it needs "+
			"a shell (default the container's own, which the node has)")
}

// addPodChoice adds the ways of choosing many.
func (a *app) addPodChoice(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVarP(&a.pods.all, "all-namespaces", "A", false, "of Kubernetes: every pod that is unwell, in all namespaces")
	flags.StringVarP(&a.pods.selector, "selector", "l", "", "of Kubernetes: the pods with these `LABELS`: app=gateway")
}

// cluster finds the cluster that is meant, once.
func (a *app) cluster(ctx context.Context) (*kubernetes.Session, error) {
	if a.session != nil {
		return a.session, nil
	}
	if a.host != "" {
		return nil, usagef("--host names a Docker engine; of Kubernetes a cluster is chosen with --context or --kubeconfig")
	}
	s, err := kubernetes.Open(ctx, kubernetes.Options{
		Where: kubernetes.Where{Kubeconfig: a.pods.kubeconfig, Context: a.dockerCtx, Namespace: a.pods.namespace,
			Getenv: a.Getenv},
		Timeout: a.timeout, LogBytes: int64(a.logBytes), Container: a.pods.container, Previous: a.pods.previous,
		OnlyItsLog:  a.pods.onlyItsLog,
		ToolVersion: buildVersion().Version, NoRedact: a.noRedact, Now: a.Now,
		NodeDebug: a.pods.nodeDebug, NodeDebugImage: a.pods.nodeDebugImage,
		Tell: func(text string) { _ = a.tell("note: " + text) },
	})
	a.session = s
	return s, err
}

// isPod tells whether a name is of Kubernetes: pod/NAME, deploy/NAME …
func isPod(name string) bool {
	_, ok := kubernetes.Parse(name)
	return ok
}

// podTargets finds what one name stands for.
func (a *app) podTargets(ctx context.Context, name string) ([]kubernetes.Target, error) {
	ref, _ := kubernetes.Parse(name)
	s, err := a.cluster(ctx)
	if err != nil {
		return nil, err
	}
	found, err := s.Find(ctx, ref)
	if err != nil {
		return nil, err
	}
	list := s.Targets(orAll(found))
	if len(list) == 0 {
		return nil, a.noRun(name)
	}
	return list, nil
}

// noRun says that what was asked for is not there.
func (a *app) noRun(name string) error {
	if a.pods.previous {
		return &hinted{fmt.Errorf("find the run before of %s: the kubelet knows of none", name),
			[]string{"without --previous it is about the newest run"}}
	}
	if a.pods.container != "" {
		return &hinted{fmt.Errorf("find container %q of %s: there are none of that name", a.pods.container, name),
			[]string{"without --container it is about those that tell something"}}
	}
	return fmt.Errorf("find containers of %s: there are none", name)
}

// maxWell is how many pods are looked at where nothing is wrong with any.
const maxWell = 10

// orAll keeps the unwell ones of several pods, or the first few where nothing is wrong.
func orAll(found []kubernetes.Found) []kubernetes.Found {
	if unwell := kubernetes.Unwell(found); len(unwell) > 0 {
		return unwell
	}
	return found[:min(len(found), maxWell)]
}

// choosePods lists the pods of -A, -l, or of a namespace.
func (a *app) choosePods(ctx context.Context) ([]kubernetes.Target, error) {
	s, err := a.cluster(ctx)
	if err != nil {
		return nil, err
	}
	namespace := s.Namespace
	if a.pods.all {
		namespace = ""
	}
	found, err := s.Select(ctx, namespace, a.pods.selector)
	if err != nil {
		return nil, err
	}
	unwell := kubernetes.Unwell(found)
	switch {
	case len(unwell) > 0:
	case a.pods.selector == "":
		return nil, a.tell(fmt.Sprintf("%s %s looked over%s, and with none is or was anything wrong",
			words.Count(len(found), "pod"), words.WasWere(len(found)), inSpace(namespace)))
	case len(found) == 0:
		return nil, fmt.Errorf("find pods: none in namespace %q has the labels %q", namespace, a.pods.selector)
	default:
		unwell = orAll(found)
	}
	if len(unwell) > 1 {
		s.ListEvents(ctx, namespace)
	}
	return s.Targets(unwell), nil
}

// inSpace says which namespace; "" = all.
func inSpace(namespace string) string {
	if namespace == "" {
		return ""
	}
	return fmt.Sprintf(" in namespace %q", namespace)
}

// asTargets makes of runs of pods what is opened one by one, within the budget for all.
func (a *app) asTargets(list []kubernetes.Target, budget time.Duration) []target {
	var targets []target
	began := a.Now()
	for _, t := range list {
		targets = append(targets, target{t.String(), func(ctx context.Context) (*bundle.Bundle, error) {
			if budget > 0 && len(list) > 1 {
				left := budget - a.Now().Sub(began)
				if left <= 0 {
					return nil, &collect.SkippedError{Ref: t.String(), Budget: budget}
				}
			}
			return a.session.Collect(ctx, t)
		}})
	}
	return targets
}

// podBundle collects the first run of what a name stands for.
func (a *app) podBundle(ctx context.Context, name string) (*bundle.Bundle, error) {
	list, err := a.podTargets(ctx, name)
	if err != nil {
		return nil, err
	}
	return a.session.Collect(ctx, list[0])
}

// explainedPods splits an error of Kubernetes into what is wrong and what to try.
func explainedPods(err error) (text string, hints []string, ok bool) {
	var (
		config      *kubernetes.ConfigError
		notFound    *kubernetes.NotFoundError
		unreachable *kubernetes.UnreachableError
		status      *kubernetes.StatusError
	)
	switch {
	case errors.As(err, &config):
		return config.Text, config.Hints, true
	case errors.As(err, &notFound):
		hints := didYouMean(notFound.Ref.Name, notFound.Near)
		if _, err := strconv.Atoi(notFound.Namespace); err == nil { // of a container -n is that of gwdoctor health
			hints = append(hints, "-n is the namespace of a pod: the number of probes is --count "+notFound.Namespace)
		}
		return notFound.Error(), append(hints, "another namespace is chosen with -n; -A looks over all of them"), true
	case errors.As(err, &unreachable):
		return unreachable.Error(), []string{"kubectl cluster-info says whether it answers; another is chosen with " +
			"--context or --kubeconfig", "a recorded incident needs no cluster: gwdoctor diagnose --bundle PATH"}, true
	case errors.As(err, &status) && status.Code == http.StatusForbidden:
		return "read pods: " + status.Error(), rolesFor(status), true
	}
	return "", nil, false
}

// rolesFor says what opens what was refused.
func rolesFor(refusal *kubernetes.StatusError) []string {
	if strings.Contains(refusal.Message, "at the cluster scope") {
		return []string{"gwdoctor diagnose -n NAMESPACE looks over one namespace, with the role view in it",
			"all of them take the role view in the whole cluster: kubectl create clusterrolebinding gwdoctor-view " +
				"--clusterrole=view --user=USER"}
	}
	return []string{"it takes the role view: kubectl create rolebinding gwdoctor-view --clusterrole=view --user=USER " +
		"-n NAMESPACE"}
}
