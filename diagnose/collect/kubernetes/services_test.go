package kubernetes_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
)

// TestServicesOfThePod: only those whose selector chooses it.
func TestServicesOfThePod(t *testing.T) {
	b, _ := collectedFrom(t, func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/services") {
			return false
		}
		fmt.Fprint(w, `{"items":[{"metadata":{"name":"gateway"},"spec":{"selector":{"app":"gateway"}}},
{"metadata":{"name":"other"},"spec":{"selector":{"app":"other"}}},{"metadata":{"name":"kubernetes"},"spec":{}}]}`)
		return true
	})
	data, _ := b.File(bundle.FileServices)
	if !strings.Contains(string(data), `"name":"gateway"`) || strings.Count(string(data), "\n") != 1 {
		t.Errorf("%q", data)
	}
}

// TestFewCalls: one pod takes at most fifteen requests, whatever the role.
func TestFewCalls(t *testing.T) {
	_, server := collectedFrom(t, func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/metrics/cadvisor") {
			return false
		}
		fmt.Fprintln(w, `container_memory_usage_bytes{container="app",namespace="oom-main",`+
			`pod="gateway-674b5f98f6-kfbzb"} 1`)
		return true
	})
	close(server.Calls)
	n := 0
	var list []string
	for call := range server.Calls {
		list = append(list, call)
		n++
	}
	if n > 15 {
		t.Errorf("%d requests:\n%s", n, strings.Join(list, "\n"))
	}
}

// TestBackends: the Services that the log or a setting names come with the pods behind them; no other does, and where
// none is named, no pods are asked for.
func TestBackends(t *testing.T) {
	const services = `{"items":[{"metadata":{"name":"gateway","namespace":"oom-main"},"spec":{"selector":{"app":"gateway"}}},
{"metadata":{"name":"redis","namespace":"oom-main"},"spec":{"selector":{"app":"redis"}}},
{"metadata":{"name":"other","namespace":"oom-main"},"spec":{"selector":{"app":"other"}}},
{"metadata":{"name":"outside","namespace":"oom-main"},"spec":{"type":"ExternalName"}}]}`
	for line, want := range map[string]string{
		"Error 111 connecting to redis:6379. Connection refused.":   "redis",
		"connecting to redis.oom-main.svc.cluster.local:6379 fails": "redis",
		"outside answers":           "",
		"redistribution of others.": "",
	} {
		asked := false
		b, _ := collectedFrom(t, func(w http.ResponseWriter, r *http.Request) bool {
			switch {
			case strings.HasSuffix(r.URL.Path, "/services"):
				fmt.Fprint(w, services)
			case strings.HasSuffix(r.URL.Path, "/log"):
				fmt.Fprintln(w, "2026-11-26T12:00:01.000000000Z "+line)
			case strings.HasSuffix(r.URL.Path, "/oom-main/pods") && r.URL.Query().Get("labelSelector") == "":
				asked = true
				fmt.Fprint(w, `{"items":[{"metadata":{"name":"redis-0","labels":{"app":"redis"}},"status":{"phase":"Pending"}},`+
					`{"metadata":{"name":"other-0","labels":{"app":"other"}}}]}`)
			default:
				return false
			}
			return true
		})
		data, _ := b.File(bundle.FileBackends)
		text := string(data)
		if asked != (want != "") || want == "" && text != "" || want != "" && (strings.Count(text, "\n") != 1 ||
			!strings.Contains(text, `"redis-0"`) || strings.Contains(text, "other-0")) {
			t.Errorf("%s: %q", line, text)
		}
	}
}
