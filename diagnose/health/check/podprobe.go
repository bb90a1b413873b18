package check

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// PodProbe is one of the three probes of a pod's container, with the API's defaults filled in.
//
// https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.34/#probe-v1-core
type PodProbe struct {
	Kind         string // Liveness, Readiness, Startup
	Action       string // ActionHTTP …; "" = one that is not known here
	Command      []string
	Scheme, Path string   // of httpGet
	Host         string   // of httpGet and tcpSocket; "" = the pod's address, as it should be
	Headers      []Header // of httpGet
	Service      string   // of grpc
	Port         int      // 0 = PortName is none of the container's ports
	PortName     string   // "" = it is given as a number

	InitialDelay, Period, Timeout time.Duration
	Successes, Failures           int            // so many in a row count
	Grace                         *time.Duration // between TERM and KILL after this probe; nil = the pod's
}

// Header is one of the request's own; the value may be masked.
type Header struct{ Name, Value string }

// The kinds of a probe, as a manifest begins their names.
const (
	Liveness  = "liveness"
	Readiness = "readiness"
	Startup   = "startup"
)

// What a probe does, in the API's words.
const (
	ActionHTTP = "httpGet"
	ActionTCP  = "tcpSocket"
	ActionGRPC = "grpc"
	ActionExec = "exec"
)

// Asks tells whether two probes ask the same: one answer is then that of both.
func (p PodProbe) Asks(other PodProbe) bool {
	return p.Action == other.Action && p.Scheme == other.Scheme && p.Path == other.Path && p.Host == other.Host &&
		p.Port == other.Port && p.PortName == other.PortName && p.Service == other.Service &&
		slices.Equal(p.Command, other.Command) && slices.Equal(p.Headers, other.Headers)
}

// Test is the probe in the form of a check's words: of exec its command, of the others what is asked.
func (p PodProbe) Test() []string {
	switch p.Action {
	case ActionExec:
		return append([]string{FormExec}, p.Command...)
	case ActionHTTP:
		return []string{FormExec, p.Action, p.Scheme + "://" + p.address() + "/" + strings.TrimPrefix(p.Path, "/")}
	case "":
		return nil
	}
	return []string{FormExec, p.Action, strings.TrimSpace(p.port() + " " + p.Service)}
}

func (p PodProbe) port() string {
	if p.Port == 0 {
		return p.PortName
	}
	return strconv.Itoa(p.Port)
}

func (p PodProbe) address() string {
	if p.Host == "" {
		return "POD:" + p.port()
	}
	if strings.Contains(p.Host, ":") {
		return "[" + p.Host + "]:" + p.port()
	}
	return p.Host + ":" + p.port()
}

// Config is the probe in the form of a check.
func (p PodProbe) Config() *Config {
	return &Config{Test: p.Test(), Interval: p.Period, Timeout: p.Timeout, Retries: p.Failures,
		StartPeriod: p.InitialDelay}
}

// Allows is how long after the container's start a service may come up and is seen by this probe for certain, before so
// many have failed that it acts.
func (p PodProbe) Allows() time.Duration {
	return p.InitialDelay + time.Duration(p.Failures-1)*p.Period
}

// String is what a person calls it: "liveness probe (httpGet http://POD:8000/health)".
func (p PodProbe) String() string {
	if p.Action == "" {
		return p.Kind + " probe"
	}
	return fmt.Sprintf("%s probe (%s)", p.Kind, strings.Join(p.Test()[1:], " "))
}
