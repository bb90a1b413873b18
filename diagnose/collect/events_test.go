package collect

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	decode "github.com/gwdoctor/gwdoctor/diagnose/evidence/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

const networkEvent = `{"Type":"network","Action":"connect","Actor":{"ID":"aa","Attributes":{"container":"` +
	enginetest.WebID + `"}},"time":1795464005,"timeNano":1795464005000000000}` + "\n"

func TestEventsOfThisContainerOnly(t *testing.T) {
	f := enginetest.New(t)
	die := enginetest.Event(enginetest.WebID, "die", "shop", 4)
	unhealthy := enginetest.Event(enginetest.DBID, "health_status: unhealthy", "shop", 2)
	f.Route("/events", enginetest.Body(enginetest.Event(enginetest.TwinID, "die", "", 0)+
		enginetest.Event(enginetest.DBID, "die", "shop", 1)+unhealthy+
		enginetest.Event(enginetest.DBID, "exec_start: sh -c\\nx", "shop", 3)+
		enginetest.Event(enginetest.WebID[:12], "kill", "", 3)+die+networkEvent))
	b := collectWeb(t, optionsOf(t, f))
	if diff := cmp.Diff(die, text(t, b, bundle.FileEvents)); diff != "" {
		t.Errorf("events are not this container's, word for word: %s", diff)
	}
	if diff := cmp.Diff(enginetest.Event(enginetest.DBID, "die", "shop", 1)+unhealthy,
		text(t, b, bundle.FileNeighbourEvents)); diff != "" {
		t.Errorf("neighbour's events: %s", diff)
	}
	var ring decode.Ring
	if err := json.Unmarshal([]byte(text(t, b, bundle.FileRing)), &ring); err != nil {
		t.Fatal(err)
	}
	oldest, newest := time.Unix(1795464000, 0).UTC(), time.Unix(1795464005, 0).UTC()
	if diff := cmp.Diff(decode.Ring{Oldest: &oldest, Newest: &newest, Count: 7}, ring); diff != "" {
		t.Error(diff)
	}
	source := b.Source(fact.SourceEvents)
	if !source.Covers(oldest) || source.Covers(oldest.Add(-time.Nanosecond)) {
		t.Errorf("span %v: without the engine's start the oldest event is its beginning", source.From)
	}
	for _, request := range f.Requests() {
		if strings.Contains(request, "/events") && (!strings.Contains(request, "since=0") ||
			strings.Contains(request, "filters")) {
			t.Errorf("%q does not ask for the whole ring", request)
		}
	}
}

func TestRingReachesBackToTheEnginesStart(t *testing.T) {
	f := enginetest.New(t)
	opts := optionsOf(t, f)
	// 2000 ticks of 10 ms after boot: the engine is older than its oldest event.
	stat := "4242 (dockerd) S 1 1 1 0 -1 4194560 1 0 0 0 1 1 0 0 20 0 1 0 2000 1000 10 18446744073709551615\n"
	files := enginetest.ThisMachine(nil)
	for name := range enginetest.ThisMachine(nil) {
		if pid, ok := strings.CutSuffix(name, "/comm"); ok {
			files[pid+"/stat"] = stat
		}
	}
	opts.ProcRoot = enginetest.WriteTree(t, files)
	newEvent := fmt.Sprintf(`{"Type":"container","Action":"die","Actor":{"ID":%q},"timeNano":%d}`+"\n", enginetest.WebID,
		time.Now().UnixNano())
	f.Route("/events", enginetest.Body(newEvent))
	boot, err := host.ClockZero(host.ClockBoottime, time.Now())
	if err != nil {
		t.Skip(err)
	}
	source := collectWeb(t, opts).Source(fact.SourceEvents)
	if want := boot.Add(20 * time.Second); source.From == nil || source.From.Sub(want).Abs() > time.Second {
		t.Errorf("from %v, want about %v (%s)", source.From, want, source.Detail)
	}
	f.Route("/events", enginetest.Body(strings.Repeat(newEvent, decode.RingCapacity)))
	source = collectWeb(t, opts).Source(fact.SourceEvents)
	if source.From == nil || source.From.Before(boot.Add(21*time.Second)) || !strings.Contains(source.Detail, "full") {
		t.Errorf("from %v (%s): a full ring begins with its oldest event", source.From, source.Detail)
	}
}
