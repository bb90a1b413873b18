package collect

import (
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// TestPortHolders: where the engine refused a port, its holder is looked for among all containers, not among the
// project's; where it refused none, nobody looks.
func TestPortHolders(t *testing.T) {
	f := enginetest.New(t)
	if got := collectWeb(t, optionsOf(t, f)).Source(fact.SourcePorts); got.Status != fact.StatusNotAsked {
		t.Errorf("no port was refused: %+v", got)
	}
	refused := strings.NewReplacer(`"NetworkMode":"default"`,
		`"NetworkMode":"default","PortBindings":{"8080/tcp":[{"HostPort":"18080"}]}`, `"OOMKilled":true`,
		`"Error":"Bind for 0.0.0.0:18080 failed: port is already allocated"`).Replace(enginetest.InspectBody)
	f.Route("/containers/web/json", enginetest.Body(refused))
	f.Route("/containers/json", enginetest.Body(`[{"Id":"`+enginetest.TwinID+`","Names":["/mail"],"State":"running",
		"Labels":{"com.docker.compose.project":"post"},"Ports":[{"IP":"0.0.0.0","PublicPort":18080,"Type":"tcp"},
		{"IP":"0.0.0.0","PublicPort":18081,"Type":"tcp"}]}]`))
	got := text(t, collectWeb(t, optionsOf(t, f)), bundle.FilePorts)
	for _, want := range []string{`"container": "mail"`, `"project": "post"`, `"port": 18080`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	if strings.Contains(got, "18081") {
		t.Errorf("a port that nobody wants: %s", got)
	}
}
