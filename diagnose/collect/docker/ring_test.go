package docker

import (
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
)

func TestEventScanSurvivesRubbish(t *testing.T) {
	scan := EventScan{ID: enginetest.WebID}
	rubbish := "not json\n{}\n[]\n\n{\"Type\":\"container\",\"time\":\"late\"}\n{\"Type\":\"container\"," +
		"\"time\":999999999999999}\n" + enginetest.Event(enginetest.WebID, "die", "", 1)
	if err := scan.Read(strings.NewReader(rubbish)); err != nil {
		t.Fatal(err)
	}
	if scan.Owned != 1 || scan.Odd != 5 || scan.Ring.Count != 1 {
		t.Errorf("%d own, %d odd, %d in the ring", scan.Owned, scan.Odd, scan.Ring.Count)
	}
	long := EventScan{ID: enginetest.WebID}
	err := long.Read(strings.NewReader(enginetest.Event(enginetest.WebID, "start", "", 0) +
		strings.Repeat("x", maxEventLine+1)))
	if err == nil || long.Owned != 1 {
		t.Errorf("%d own, %v: an endless line must be told", long.Owned, err)
	}
	project := EventScan{ID: enginetest.WebID, Project: "shop"}
	if err := project.Read(strings.NewReader(strings.Repeat(enginetest.Event(enginetest.DBID, "die", "shop", 1),
		maxNeighbourEvents+1))); err != nil {
		t.Fatal(err)
	}
	if project.Neighbours != maxNeighbourEvents {
		t.Errorf("%d events of neighbours kept", project.Neighbours)
	}
}
