package docker

import (
	"fmt"
	"strings"
	"testing"
)

// TestReadAskedRefusals: the words of a refused start stand in the line before its call's, unless another call failed
// meanwhile (podman.service 4.3.1).
func TestReadAskedRefusals(t *testing.T) {
	id := strings.Repeat("0e31257d", 8)
	line := func(second int, message string) string {
		return fmt.Sprintf(`{"__REALTIME_TIMESTAMP":"%d000000","MESSAGE":%q}`+"\n", 1795717260+second, message)
	}
	failed := func(second int, words string) string {
		return line(second, `time="2026-11-27T18:21:31Z" level=info msg="Request Failed(Internal Server Error): `+words+`"`)
	}
	started := line(31, `@ - - [26/Nov/2026:18:21:30 +0000] "POST /v1.41/containers/`+id+`/start HTTP/1.1" 500 297 "" "curl"`)
	const otherWords, words = "no such network", `workdir \"/bin/sh\" is not a directory`
	for name, test := range map[string]struct{ journal, want string }{
		"refused":          {failed(31, words) + started, `"refused":"` + words},
		"another's before": {failed(10, otherWords) + failed(31, words) + started, `"refused":"` + words},
		"two at a time":    {failed(30, otherWords) + failed(31, words) + started, `"by":"curl"}`},
		"no words":         {started, `"by":"curl"}`},
		"only words":       {failed(31, "no such file"), ""},
		"no JSON":          {"oops\n", ""},
	} {
		got := string(ReadAsked([]byte(test.journal), id, "web"))
		if !strings.Contains(got, test.want) || (got == "") != (test.want == "") {
			t.Errorf("%s: %s", name, got)
		}
	}
}
