package collect

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// event is one line as 20.10.24 sends it.
func event(id, action, project string, second int) string {
	return fmt.Sprintf(`{"status":%q,"id":%q,"from":"shop","Type":"container","Action":%q,"Actor":{"ID":%q,"Attributes":{"com.docker.compose.project":%q,"image":"shop","name":"web"}},"scope":"local","time":%d,"timeNano":%d}`,
		action, id, action, id, project, 1795464000+second, int64(1795464000+second)*1e9) + "\n"
}

const networkEvent = `{"Type":"network","Action":"connect","Actor":{"ID":"aa","Attributes":{"container":"` + webID + `"}},"time":1795464005,"timeNano":1795464005000000000}` + "\n"

func TestEventsOfThisContainerOnly(t *testing.T) {
	f := newFakeEngine(t)
	die := event(webID, "die", "shop", 4)
	unhealthy := event(DBID, "health_status: unhealthy", "shop", 2)
	f.route("/events", body(event(twinID, "die", "", 0)+event(DBID, "die", "shop", 1)+unhealthy+
		event(DBID, "exec_start: sh -c\\nx", "shop", 3)+event(webID[:12], "kill", "", 3)+die+networkEvent))
	b := collectWeb(t, optionsOf(t, f))
	if diff := cmp.Diff(die, text(t, b, bundle.FileEvents)); diff != "" {
		t.Errorf("events are not this container's, word for word: %s", diff)
	}
	if diff := cmp.Diff(event(DBID, "die", "shop", 1)+unhealthy, text(t, b, bundle.FileNeighbourEvents)); diff != "" {
		t.Errorf("neighbour's events: %s", diff)
	}
	var ring bundle.Ring
	if err := json.Unmarshal([]byte(text(t, b, bundle.FileRing)), &ring); err != nil {
		t.Fatal(err)
	}
	oldest, newest := time.Unix(1795464000, 0).UTC(), time.Unix(1795464005, 0).UTC()
	if diff := cmp.Diff(bundle.Ring{Oldest: &oldest, Newest: &newest, Count: 7}, ring); diff != "" {
		t.Error(diff)
	}
	source := b.Source(fact.SourceEvents)
	if !source.Covers(oldest) || source.Covers(oldest.Add(-time.Nanosecond)) {
		t.Errorf("span %v: without the engine's start the oldest event is its beginning", source.From)
	}
	for _, request := range f.requests() {
		if strings.Contains(request, "/events") && (!strings.Contains(request, "since=0") || strings.Contains(request, "filters")) {
			t.Errorf("%q does not ask for the whole ring", request)
		}
	}
}

func TestRingReachesBackToTheEnginesStart(t *testing.T) {
	f := newFakeEngine(t)
	opts := optionsOf(t, f)
	// 2000 ticks of 10 ms after boot: the engine is older than its oldest event.
	stat := "4242 (dockerd) S 1 1 1 0 -1 4194560 1 0 0 0 1 1 0 0 20 0 1 0 2000 1000 10 18446744073709551615\n"
	files := thisMachine(nil)
	for name := range thisMachine(nil) {
		if pid, ok := strings.CutSuffix(name, "/comm"); ok {
			files[pid+"/stat"] = stat
		}
	}
	opts.ProcRoot = writeTree(t, files)
	newEvent := fmt.Sprintf(`{"Type":"container","Action":"die","Actor":{"ID":%q},"timeNano":%d}`+"\n", webID, time.Now().UnixNano())
	f.route("/events", body(newEvent))
	boot, err := clockZero(clockBoottime, time.Now())
	if err != nil {
		t.Skip(err)
	}
	source := collectWeb(t, opts).Source(fact.SourceEvents)
	if want := boot.Add(20 * time.Second); source.From == nil || source.From.Sub(want).Abs() > time.Second {
		t.Errorf("from %v, want about %v (%s)", source.From, want, source.Detail)
	}
	f.route("/events", body(strings.Repeat(newEvent, bundle.RingCapacity)))
	source = collectWeb(t, opts).Source(fact.SourceEvents)
	if source.From == nil || source.From.Before(boot.Add(21*time.Second)) || !strings.Contains(source.Detail, "full") {
		t.Errorf("from %v (%s): a full ring begins with its oldest event", source.From, source.Detail)
	}
}
