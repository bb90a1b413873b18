package main

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/kubernetes"
)

// kubectl runs a program kubectl-NAME of the PATH as its own command NAME, with all that follows the name, and asks a
// program kubectl_complete-NAME for completions. Both are this program under another name: a link is enough.
//
// https://kubernetes.io/docs/tasks/extend-kubectl/kubectl-plugins/
const (
	kubectlProgram  = "kubectl-gwdoctor"
	kubectlComplete = "kubectl_complete-gwdoctor"
)

func (e env) program() string { return strings.TrimSuffix(filepath.Base(e.Program), ".exe") }

// ofKubectl tells whether kubectl runs us: then a bare name is that of a pod.
func (e env) ofKubectl() bool { return e.program() == kubectlProgram || e.program() == kubectlComplete }

// underKubectl names the commands as kubectl's user types them.
func underKubectl(root *cobra.Command) {
	root.Annotations = map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl gwdoctor"}
}

// asKubectl is the arguments as they mean under kubectl.
func (e env) asKubectl(args []string) []string {
	if e.program() == kubectlComplete {
		return append([]string{cobra.ShellCompRequestCmd}, args...)
	}
	return args
}

// podName makes pod/NAME of a bare name, as kubectl takes it.
func (e env) podName(name string) string {
	if e.ofKubectl() && name != "" && !strings.Contains(name, "/") {
		return "pod/" + name
	}
	return name
}

// completePods offers the objects of a kind: what was typed is pod/… or deploy/…
func (a *app) completePods(ctx context.Context, typed string) []cobra.Completion {
	word, _, _ := strings.Cut(typed, "/")
	kind := kubernetes.KindOf(word)
	if kind == "" {
		return nil
	}
	a.timeout = completionTime
	s, err := a.cluster(ctx)
	if err != nil {
		return nil
	}
	var names []cobra.Completion
	for _, name := range s.Names(ctx, kind) {
		if plainName(name) {
			names = append(names, word+"/"+name)
		}
	}
	return names
}
