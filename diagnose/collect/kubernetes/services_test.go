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
