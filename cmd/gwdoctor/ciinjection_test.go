package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/report"
)

// injections are commands to CI runners as a stranger may dress them up: behind colour, blanks of any kind, a byte
// order mark, an overwritten line, in other cases, escaped for their own runner.
func injections() []string {
	return []string{
		"::add-mask::e", "::stop-commands::token\n::error::e\n::token::", "::group::e\n::endgroup::", "::debug::e",
		"::save-state name=e::f", "::add-matcher::/tmp/e.json", "::echo::on",
		"::warning file=a,line=1,col=5,title=e::f",
		"\x1b[31m::error::e\x1b[0m", "\x1b[1;31m\x1b[4m::notice::e", "\x1b]8;;http://e\x1b\\::error::e",
		"\u009b31m::error::e",
		"progress\r::error::e", "progress 10%\r\x1b[K::set-env name=PATH::/e", "a\u2028::error::e", "a\u2029::error::e",
		"a\u0085::error::e",
		"a\v::error::e", "a\f::error::e", "\ufeff::error::e", "\u200b::error::e", "\u00a0\u3000::error::e",
		" \t \t::error::e", "\u202e::error::e", "\u2066::error::e\u2069", "\x00::error::e", "\x08\x08\x08::error::e",
		"##[group]e", "##[endgroup]", "\t##[command]e", "##[error]e\n##[warning]f", "##[set-output name=e;]f",
		"##vso[task.setvariable variable=PATH;isOutput=true]e", "##vso[task.uploadfile]/etc/passwd", "##Vso[Task.Complete]e",
		"e\r##vso[task.setsecret]e", "\ufeff##vso[build.addbuildtag]e",
		"##teamcity[message text='e|n|r|'|[|]|0x2028' status='ERROR']", "##teamcity[setParameter name='env.PATH' value='e']",
		"  ##teamcity[enableServiceMessages]", "\x1b[0m##teamcity[blockOpened name='e']",
		"section_start:1700000000:e[collapsed=true]\r\x1b[0Ke", "section_end:1700000000:e\r\x1b[0K",
		"\x1b[0Ksection_start:1:e\r\x1b[0K",
		"travis_fold:start:e\r\x1b[0K", "travis_time:start:e", "travis_fold:end:e\n",
		"--- e", "--- :skull: e\n+++ f", "+++ e", "~~~ e", "^^^ +++", "\x1b[90m--- e", "---\te", "+++\ne",
		"\x1b]1338;url='http://e';alt='e'\x07", "\x1b_bk;t=1700000000000\x07--- e",
	}
}

// What runners look for: written from their documentation, and knowing nothing of how we break commands up.
var (
	ansi       = regexp.MustCompile(`\x1b(?:\[[0-9;?]*[A-Za-z]|[\]_P^][^\x07\x1b]*(?:\x07|\x1b\\)?)`)
	lineEnds   = regexp.MustCompile("[\n\r\v\f\u0085\u2028\u2029]")
	anywhere   = regexp.MustCompile(`(?i)##\[|##vso\[|##teamcity\[|section_(?:start|end):|travis_(?:fold|time):`)
	buildkite  = regexp.MustCompile(`^(?:---|\+\+\+|~~~|\^\^\^)(?:\s|$)`)
	ownCommand = regexp.MustCompile(`^::(?:error|warning|notice) title=gwdoctor(?:%3A [^:]*)?::[^\r\n]*$`)
)

// obeyed lists the lines of an output that some runner would take for a command. Other control characters and what
// shows nothing are taken off the line's beginning, in case a runner does.
func obeyed(text string, own bool) []string {
	var list []string
	for _, line := range lineEnds.Split(text, -1) {
		bare := strings.TrimLeftFunc(ansi.ReplaceAllString(line, ""), func(r rune) bool {
			return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
		})
		github := strings.HasPrefix(bare, "::") && !(own && ownCommand.MatchString(line))
		if github || anywhere.MatchString(line) || buildkite.MatchString(ansi.ReplaceAllString(line, "")) {
			list = append(list, line)
		}
	}
	return list
}

// injected is a recorded incident with a text in every place of it that a stranger fills.
func injected(t *testing.T, text string) *bundle.Bundle {
	t.Helper()
	b := leaky(t, secret{text: text})
	quoted, err := json.Marshal(text)
	must(t, err)
	inJSON := bytes.Trim(quoted, `"`)
	for _, name := range []string{bundle.FileInspect, bundle.FileEvents} {
		data, _ := b.File(name)
		b.Put(name, bytes.ReplaceAll(data, []byte("gateway"), inJSON))
	}
	b.Put(bundle.FileKmsg, fmt.Appendf(nil, "6,1,%d,-;%s\n6,2,%d,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),"+
		"cpuset=%s,mems_allowed=0,oom_memcg=/docker/%s,task_memcg=/docker/%s,task=%s,pid=4711,uid=0\n"+
		"6,3,%d,-;%s[4711]: segfault at 18 ip 00007ff1c7bd6ad8 sp 00007ffd error 4 in %s[7f+1]\n",
		3300000000, text, 3300000001, testID, testID, testID, text, 3300000002, text, text))
	putJSON(t, b, bundle.FileClock, map[string]any{"boot": now.Add(-65 * 60 * 1e9), "bootId": text})
	b.SetSource(bundle.Source{Name: fact.SourceKernelLog, Status: fact.StatusCollected, Detail: text, Command: text,
		Files: []string{bundle.FileKmsg}})
	putJSON(t, b, bundle.FileNeighbours, []any{map[string]any{"id": strings.Repeat("a", 64), "name": text, "service": text,
		"image": text, "state": "exited", "exitCode": 1}})
	return b
}

// TestInjections gives each command to CI runners to every command of ours, in every form, as recordings, as logs, as
// names that are typed and as names of files.
func TestInjections(t *testing.T) {
	if len(injections()) < 40 {
		t.Fatal("too few")
	}
	for i, text := range injections() {
		if testing.Short() && i%6 > 0 {
			continue
		}
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			record, log := filepath.Join(root, "record"), filepath.Join(root, "log")
			must(t, injected(t, text).WriteDir(record))
			must(t, os.WriteFile(log, fmt.Appendf(nil, "%s\nERROR %s\nKeyError: '%s'\n[Mon Nov 23 19:00:00 2026] %s[1]: "+
				"segfault at 18 ip 0 sp 0 error 4 in %s[7f+1]\n", text, text, text, text, text), 0o600))
			odd := filepath.Join(root, strings.NewReplacer("/", "_", "\x00", "_").Replace(text))
			must(t, os.WriteFile(odd, []byte(text), 0o600))
			w := shop(t)
			w.engine.list = append(w.engine.list, collect.Summary{ID: testID, Name: text, Project: text, Service: text,
				Status: text, State: "exited"})
			w.engine.containers[text] = injected(t, text)
			for _, args := range injectedCommands(record, log, odd, text) {
				w.gwdoctor(args...)
				own := len(args) > 2 && args[len(args)-1] == report.FormatGitHub
				for _, line := range append(obeyed(w.out.String(), own), obeyed(w.err.String(), false)...) {
					t.Errorf("%q in %.60q: %.160q", text, args, line)
				}
			}
		})
	}
}

// injectedCommands are the command lines in which a stranger's text comes along.
func injectedCommands(record, log, odd, text string) [][]string {
	list := [][]string{
		{"diagnose", "--bundle", record, "-v", "--color", "always"}, {"diagnose", "--bundle", odd}, {"report", odd},
		{"logs", "--file", log}, {"logs", "--file", odd}, {"oom", "--file", log}, {"oom", "--file", odd, "-v"},
		{"cores", odd},
		{"exit", text}, {"logs", text}, {"inside", text}, {"health", text}, {"capture", text, "-o", odd + ".tar.gz"},
		{"diagnose", text, "-v"}, {"diagnose", "--project", text}, {text}, {"oom", "--container", text}, {"oom", text},
		{"diagnose", "--format", text}, {"explain", text}, {"demo", text}, {"guard", "--only", text},
		{"diagnose", "--" + text}, {"diagnose", "gateway", "-o", filepath.Join(odd, text)}, {"oom", "--since", text},
		{"__complete", "diagnose", ""}, {"__complete", "diagnose", "--project", ""},
	}
	for _, format := range report.FormatNames() {
		list = append(list, []string{"diagnose", "--bundle", record, "--format", format},
			[]string{"diagnose", text, "--format", format})
	}
	for _, command := range []string{"exit", "oom", "logs", "health", "cores", "inside"} {
		for _, format := range []string{formatText, formatJSON} {
			list = append(list, []string{command, "--bundle", record, "--format", format})
		}
	}
	return list
}
