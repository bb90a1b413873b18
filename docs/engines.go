package docs

import (
	_ "embed" // what the lab saw
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// What the lab saw on each engine (`go run ./fixtures/lab run --on …` keeps it).
//
//go:embed engines.json
var sights []byte

type sight struct {
	Engine   string
	Outcomes []struct {
		Scenario, Expected, Got, Wrong string
		Load                           []float64
	}
}

// enginesPage is the lab's scenarios side by side on the engines on which they were played.
func enginesPage() string {
	var seen map[string]sight
	if err := json.Unmarshal(sights, &seen); err != nil {
		panic(err) // embedded: a test opens it
	}
	places := slices.Sorted(maps.Keys(seen))
	var w strings.Builder
	w.WriteString(generated + "# Engines\n\nThe lab's scenarios, with the same expectations, on other engines than the " +
		"machine's own: `go run ./fixtures/lab run --on ENGINE --all` plays\nthem there and keeps what came out. What the " +
		"engines' facts mean, and where they differ, is in [notes/DOCKER.md](notes/DOCKER.md).\n" +
		"With `-again` what did not come out at first is played once more, alone, and the second try is what stands here.\n" +
		"\"not played\" is a scenario that did not come about as told on that engine, which is no verdict; – is one that " +
		"nobody has tried.\nWhere an engine keeps less than the others, what can honestly be said there stands behind a " +
		"colon; why, in fixtures/lab/traits.go.\n\n")
	for _, p := range places {
		right, played := 0, 0
		for _, o := range seen[p].Outcomes {
			if o.Got != "" {
				played++
			}
			if o.Wrong == "" {
				right++
			}
		}
		fmt.Fprintf(&w, "- `%s`: %s%s; %d of %d that could be played as expected\n", p, escape(seen[p].Engine),
			seen[p].load(), right, played)
	}
	w.WriteString(sideBySide(seen, places))
	w.WriteString(differences(seen, places))
	w.WriteString(elsewhere)
	return w.String()
}

// load says how busy the machine was when those were played of which it is known.
func (s sight) load() string {
	var all []float64
	for _, o := range s.Outcomes {
		all = append(all, o.Load...)
	}
	if len(all) == 0 {
		return ""
	}
	return fmt.Sprintf("; played at a load of %.0f to %.0f", slices.Min(all), slices.Max(all))
}

// elsewhere says how an engine on another machine is reached; the tests of diagnose/collect/docker hold it.
const elsewhere = `
## An engine elsewhere

gwdoctor finds the engine as docker's CLI does (` + "`--context`, `--host`, `DOCKER_HOST`, `DOCKER_CONTEXT`" + `, the current context) and
Podman's (` + "`CONTAINER_HOST`, `CONTAINER_CONNECTION`" + `, the default of ` + "`podman system connection`" + `). Where nobody named one and another
engine of the machine has a container of the same name, too, it says so.

- ` + "`ssh://user@host:port`" + `: ` + "`ssh … -- host docker system dial-stdio`" + `, with a path of the socket on the other side
  ` + "`docker --host unix://PATH …`" + `, for Podman ` + "`podman --url unix://PATH …`" + `. docker or podman must be installed there. Settings, keys and
  jump hosts are those of ssh_config and the agent. Nothing is asked (BatchMode): a host key that is not known, or a key with a
  passphrase that no agent holds, is an error that says what to type. At most four logins at once, over which all calls go.
- ` + "`unix:///run/containerd/containerd.sock`" + `: containerd itself, for containers of nerdctl; all its namespaces but Docker's own, or that of
  ` + "`CONTAINERD_NAMESPACE`" + `. Events and who asked for an end are kept nowhere there, beside the label that nerdctl's stop and kill write.
- ` + "`tcp://host:2376`" + ` with ` + "`DOCKER_TLS_VERIFY`" + ` and ` + "`DOCKER_CERT_PATH`" + `, or a context with certificates. A context that does not check the
  server's certificate is refused.

What only the machine itself shows is UNSEEN then: kernel log, ` + "`/proc`" + `, control groups, state file, core policy. So that an OOM
kill without the engine's flag cannot be ruled out. Where it matters: ` + "`ssh host sudo gwdoctor capture NAME -o - > NAME.tar.gz`" + `.
`

// sideBySide is one row a scenario, one column an engine.
func sideBySide(seen map[string]sight, places []string) string {
	rows := map[string]map[string]string{}
	for _, p := range places {
		for _, o := range seen[p].Outcomes {
			if rows[o.Scenario] == nil {
				rows[o.Scenario] = map[string]string{"": o.Expected}
			}
			word := "as expected"
			switch {
			case o.Wrong == "" && o.Got != "" && o.Expected != rows[o.Scenario][""]: // of an engine that keeps less
				word += ": " + o.Expected
			case o.Got == "":
				word = "not played"
			case o.Wrong != "":
				word = "**" + o.Got + "**"
			}
			rows[o.Scenario][p] = word
		}
	}
	var w strings.Builder
	w.WriteString("\n| scenario | expected | " + strings.Join(places, " | ") + " |\n|" +
		strings.Repeat(" --- |", len(places)+2) + "\n")
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		fmt.Fprintf(&w, "| %s | %s |", name, rows[name][""])
		for _, p := range places {
			word := rows[name][p]
			if word == "" {
				word = "–"
			}
			w.WriteString(" " + word + " |")
		}
		w.WriteString("\n")
	}
	return w.String()
}

// differences says of what was not as expected how it was.
func differences(seen map[string]sight, places []string) string {
	var w strings.Builder
	for _, p := range places {
		for _, o := range seen[p].Outcomes {
			if o.Wrong != "" {
				fmt.Fprintf(&w, "- `%s`, %s: %s\n", p, o.Scenario, escape(o.Wrong))
			}
		}
	}
	if w.Len() == 0 {
		return ""
	}
	return "\n## What differs\n\n" + w.String()
}
