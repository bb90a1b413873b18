package main

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/kubetest"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

const recordedOOM = podRecords + "oom-main/1-after-first"

// clusterCommands are all commands that ask an API server.
func clusterCommands(folder string) map[string][]string {
	return map[string][]string{
		"diagnose":          {"diagnose", "deploy/gateway", "--format", "json"},
		"diagnose -A":       {"diagnose", "-A", "--format", "json"},
		"diagnose --replay": {"diagnose", "deploy/gateway", "--replay", "--format", "json"},
		"capture":           {"capture", "deploy/gateway", "-o", filepath.Join(folder, "pod.tar.gz")},
		"health":            {"health", "deploy/gateway", "--format", "json"},
		"logs":              {"logs", "deploy/gateway", "--format", "json"},
		"exit":              {"exit", "deploy/gateway", "--format", "json"},
		"sources":           {"sources", "--kubernetes", "--format", "json"},
		"completion":        {"__complete", "diagnose", "pod/"},
	}
}

// clusterEndpoints tell what a request asks an API server for; the first that matches names it.
var clusterEndpoints = []struct{ name, source, uri string }{
	{"version", "", `^/version`},
	{"access", "", `selfsubject`},
	{"log", fact.SourceLogs, `/log\?`},
	{"node's events", fact.SourceNodeEvents, `/events.*kind%3DNode`},
	{"events", fact.SourceEvents, `/events`},
	{"probe counters", fact.SourceProbeCount, `/proxy/metrics/probes`},
	{"kubelet", "", `/nodes/.*/proxy/`},
	{"metrics", fact.SourcePodMetrics, `/metrics\.k8s\.io/`},
	{"node", fact.SourceNode, `/nodes/`},
	{"replica set", fact.SourceOwners, `/replicasets`},
	{"deployment", "", `/deployments/`},
	{"services", "", `/(services|endpointslices)`},
	{"pods of a selector", fact.SourceSiblings, `/pods\?.*labelSelector`},
	{"pods", "", `/pods\b`},
}

// endpointOf names what a request asks for; "" = none of the known.
func endpointOf(r *http.Request) (name, source string) {
	for _, e := range clusterEndpoints {
		if regexp.MustCompile(e.uri).MatchString(r.RequestURI) {
			return e.name, e.source
		}
	}
	return "", ""
}

// brokenCluster fails in one way wherever one endpoint is asked; it counts how often that was.
func brokenCluster(t *testing.T, endpoint string, fault enginetest.Fault) (*kubetest.Server, *atomic.Int32) {
	server, asked := kubetest.NewHTTP1(t, recordedOOM), &atomic.Int32{}
	serve := fault.Serve
	if serve == nil && fault.Spoil != nil {
		serve = fault.Spoil(server.Right)
	}
	server.Answer = func(w http.ResponseWriter, r *http.Request) bool {
		name, _ := endpointOf(r)
		if endpoint == "metrics" && (name == "kubelet" || name == "probe counters") {
			// the metrics server is asked where the kubelet may not be
			kubetest.Status(w, http.StatusForbidden, "Forbidden", "no")
			return true
		}
		if name != endpoint {
			return false
		}
		asked.Add(1)
		if serve == nil {
			return false
		}
		serve(w, r)
		return true
	}
	return server, asked
}

// askCluster runs a command against a cluster.
func askCluster(t *testing.T, ctx context.Context, s *kubetest.Server, timeout string, args []string) *hostileRun {
	t.Helper()
	vars := map[string]string{"KUBECONFIG": s.Kubeconfig(t, "token: cnry-token")}
	return runPatiently(t, ctx, vars, append([]string{"--timeout", timeout}, args...))
}

// forClusters runs a check for each endpoint with each command that asks it: failing in every way for diagnose, in some
// for the others.
func forClusters(t *testing.T, wanted func(enginetest.Fault) bool,
	check func(t *testing.T, s *kubetest.Server, command string, fault enginetest.Fault, source string, args []string)) {
	for _, endpoint := range clusterEndpoints {
		asked := false
		for command, args := range clusterCommands(t.TempDir()) {
			server, count := brokenCluster(t, endpoint.name, enginetest.Fault{})
			askCluster(t, t.Context(), server, "5s", args)
			if count.Load() == 0 {
				continue
			}
			asked = true
			for _, fault := range enginetest.Faults() {
				// all of them reach the server through one client: the faults beyond the samples are for one of them
				if !wanted(fault) || (testing.Short() || command != "diagnose") && !fault.Sample {
					continue
				}
				t.Run(fmt.Sprintf("%s/%s/%s", command, endpoint.name, fault.Name), func(t *testing.T) {
					t.Parallel()
					server, _ := brokenCluster(t, endpoint.name, fault)
					check(t, server, command, fault, endpoint.source, clusterCommands(t.TempDir())[command])
				})
			}
		}
		if !asked {
			t.Errorf("no command asks for %q: this test proves nothing of it", endpoint.name)
		}
	}
}

// TestHostileCluster holds every command against every endpoint that it asks of an API server, failing in many ways:
// it ends by its own deadlines, never falls over, leaks no token, and does not call collected what it did not
// understand.
func TestHostileCluster(t *testing.T) {
	forClusters(t, func(enginetest.Fault) bool {
		return true
	}, func(t *testing.T, s *kubetest.Server, command string, fault enginetest.Fault, source string, args []string) {
		r := askCluster(t, t.Context(), s, "200ms", args)
		text := r.out.String() + r.err.String()
		if r.code == exitUsage || r.code == exitInterrupted || strings.Contains(text, "internal error") {
			t.Errorf("exit code %d: %s", r.code, r.err.String())
		}
		if strings.Contains(text, "cnry-token") {
			t.Error("the token leaks")
		}
		wrong := fault.Name != "says that it was removed" && !fault.Partly
		if source != "" && wrong && command == "diagnose" && r.code == exitOK {
			if status := statusIn(t, r.out.Bytes(), source); status == string(fact.StatusCollected) {
				t.Errorf("%s is %q", source, status)
			}
		}
	})
}

// TestHostileClusterIsLeft: whatever hangs, the first signal ends the command.
func TestHostileClusterIsLeft(t *testing.T) {
	forClusters(t, func(f enginetest.Fault) bool {
		return f.Hangs
	}, func(t *testing.T, s *kubetest.Server, command string, _ enginetest.Fault, _ string, args []string) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		r := askCluster(t, ctx, s, "1h", args)
		r.wasLeft(t, command)
	})
}
