package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/kubetest"
	"github.com/gwdoctor/gwdoctor/report"
)

type object = map[string]any

// strangePod is a pod with a text in every place of it that a stranger fills.
func strangePod(text string) object {
	ended := object{"exitCode": 137, "reason": "OOMKilled", "message": text, "containerID": "containerd://" + testID,
		"startedAt": "2026-11-26T12:00:00Z", "finishedAt": "2026-11-26T12:01:00Z"}
	return object{"kind": "Pod",
		"metadata": object{"name": "p", "namespace": "n", "uid": "u", "labels": object{"app": text},
			"annotations": object{"note": text, "kubectl.kubernetes.io/last-applied-configuration": text}},
		"spec": object{"nodeName": "node1", "restartPolicy": "Always", "containers": []any{object{"name": "app",
			"image": text, "command": []any{"sh", "-c", text}, "env": []any{object{"name": "SOMETHING", "value": text}},
			"livenessProbe": object{"exec": object{"command": []any{"sh", "-c", text}}}}}},
		"status": object{"phase": "Running", "reason": "Evicted", "message": text,
			"conditions": []any{object{"type": "PodScheduled", "status": "False", "reason": text, "message": text}},
			"containerStatuses": []any{object{"name": "app", "restartCount": 1, "image": text, "containerID": "containerd://" +
				testID, "state": object{"waiting": object{"reason": "CreateContainerError", "message": text}},
				"lastState": object{"terminated": ended}}}}}
}

// strangeEvents are events of the pod and of its node with a text in their words.
func strangeEvents(text string) object {
	var items []any
	for _, reason := range []string{"Unhealthy", "Killing", "Evicted", "FailedMount", text} {
		message := text
		if reason == "Unhealthy" {
			message = "Liveness probe failed: " + text
		}
		items = append(items, object{"reason": reason, "message": message, "count": 3, "type": "Warning",
			"involvedObject": object{"kind": "Pod", "namespace": "n", "name": "p", "uid": "u"},
			"firstTimestamp": "2026-11-26T12:00:30Z", "lastTimestamp": "2026-11-26T12:00:58Z"})
	}
	return object{"metadata": object{}, "items": items}
}

// strange is a cluster whose objects, events and logs hold a text.
func strange(t *testing.T, text string) *world {
	t.Helper()
	w, server := onCluster(t, "oom-main/1-after-first")
	server.Answer = func(w http.ResponseWriter, r *http.Request) bool {
		switch path := r.URL.Path; {
		case strings.HasSuffix(path, "/pods/p"):
			_ = json.NewEncoder(w).Encode(strangePod(text))
		case path == "/api/v1/pods":
			_ = json.NewEncoder(w).Encode(object{"metadata": object{}, "items": []any{strangePod(text)}})
		case strings.HasSuffix(path, "/log"):
			fmt.Fprintf(w, "2026-11-26T12:00:59.1Z ERROR %s\n2026-11-26T12:00:59.2Z KeyError: '%s'\n", text, text)
		case strings.HasSuffix(path, "/events"):
			_ = json.NewEncoder(w).Encode(strangeEvents(text))
		case strings.HasPrefix(path, "/api/v1/nodes/"):
			kubetest.Status(w, http.StatusForbidden, text, text)
		default:
			return false
		}
		return true
	}
	return w
}

// TestStrangersWordsInACluster gives each command to CI runners to every command that looks at pods.
func TestStrangersWordsInACluster(t *testing.T) {
	for i, text := range injections() {
		if testing.Short() && i%6 > 0 {
			continue
		}
		w := strange(t, text)
		commands := [][]string{{"exit", "pod/p", "-n", "n"}, {"logs", "pod/p", "-n", "n"}, {"diagnose", "-A", "-v"},
			{"health", "pod/p", "-n", "n", "--count", "1"}, {"diagnose", "pod/" + text, "-n", text}}
		for _, format := range report.FormatNames() {
			commands = append(commands, []string{"diagnose", "pod/p", "-n", "n", "--format", format})
		}
		for _, args := range commands {
			w.gwdoctor(args...)
			own := args[len(args)-1] == report.FormatGitHub
			for _, line := range append(obeyed(w.out.String(), own), obeyed(w.err.String(), false)...) {
				t.Errorf("%q in %.60q: %.160q", text, args, line)
			}
		}
	}
}

// TestNoSecretOfAClusterLeaks: of environment, command, messages, events and logs, in any form and in the bundle.
func TestNoSecretOfAClusterLeaks(t *testing.T) {
	for i, s := range secrets() {
		if testing.Short() && i%4 > 0 {
			continue
		}
		w := strange(t, s.text)
		outputs := map[string]string{}
		for _, format := range report.FormatNames() {
			w.gwdoctor("diagnose", "pod/p", "-n", "n", "--format", format)
			outputs[format] = w.out.String() + w.err.String()
		}
		for _, command := range []string{"exit", "logs"} {
			w.gwdoctor(command, "pod/p", "-n", "n")
			outputs[command] = w.out.String() + w.err.String()
		}
		file := filepath.Join(t.TempDir(), "pod.tar.gz")
		if code := w.gwdoctor("capture", "pod/p", "-n", "n", "-o", file); code != exitOK {
			t.Fatalf("%s: exit code %d: %s", s.kind, code, w.err.String())
		}
		addBundle(t, outputs, file)
		searchSecret(t, s.kind, s.hide, outputs)
	}
}
