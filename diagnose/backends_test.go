package diagnose

import (
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// TestBrokerAlarm: recorded on Engine 20.10.24 with RabbitMQ 3.10.8 and aio-pika. The broker's memory alarm blocks the
// gateway's publishing without an error, its health check fails, and docker stop has to use SIGKILL. The root is in
// the broker's own log only.
func TestBrokerAlarm(t *testing.T) {
	b, err := bundle.Open("testdata/broker-alarm.tar.gz")
	if err != nil {
		t.Fatal(err)
	}
	d := Diagnose(b)
	if d.Verdict.Other == nil || d.Verdict.Other.ID != fact.DependencyRefuses {
		t.Errorf("the verdict is %+v", d.Verdict)
	}
	found := false
	for _, a := range d.Alternatives {
		for _, f := range a.Findings {
			found = found || f.ID == "broker-had-an-alarm" &&
				strings.Contains(f.Excerpt, "memory resource limit alarm set on node")
		}
	}
	if !found {
		t.Errorf("the broker's alarm is not among the findings: %+v", d.Alternatives)
	}
	told := false
	for _, m := range d.Timeline {
		told = told || m.Source == fact.SourceNeighbours && strings.Contains(m.What, "rabbitmq")
	}
	if !told {
		t.Error("the timeline does not tell of the broker's alarm")
	}
}

// TestBrokerAlarmUnread: without the broker's log nobody can know, and nobody is blamed.
func TestBrokerAlarmUnread(t *testing.T) {
	b, err := bundle.Open("testdata/broker-alarm.tar.gz")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range b.Names() {
		if strings.HasPrefix(name, bundle.DirNeighbourLogs) {
			b.Put(name, nil)
		}
	}
	if d := Diagnose(b); d.Verdict.Cause == "pool-exhaustion" && d.Verdict.Confidence > 0.9 {
		t.Errorf("without the broker's log the verdict is %+v", d.Verdict)
	}
}
