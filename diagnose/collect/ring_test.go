package collect

import (
	"strings"
	"testing"
)

func TestEventScanSurvivesRubbish(t *testing.T) {
	scan := eventScan{ID: webID}
	rubbish := "not json\n{}\n[]\n\n{\"Type\":\"container\",\"time\":\"late\"}\n" + event(webID, "die", "", 1)
	if err := scan.read(strings.NewReader(rubbish)); err != nil {
		t.Fatal(err)
	}
	if scan.owned != 1 || scan.odd != 4 || scan.ring.Count != 1 {
		t.Errorf("%d own, %d odd, %d in the ring", scan.owned, scan.odd, scan.ring.Count)
	}
	long := eventScan{ID: webID}
	err := long.read(strings.NewReader(event(webID, "start", "", 0) + strings.Repeat("x", maxEventLine+1)))
	if err == nil || long.owned != 1 {
		t.Errorf("%d own, %v: an endless line must be told", long.owned, err)
	}
	project := eventScan{ID: webID, Project: "shop"}
	if err := project.read(strings.NewReader(strings.Repeat(event(DBID, "die", "shop", 1), maxNeighbourEvents+1))); err != nil {
		t.Fatal(err)
	}
	if project.neighbours != maxNeighbourEvents {
		t.Errorf("%d events of neighbours kept", project.neighbours)
	}
}
