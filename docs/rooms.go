package docs

import (
	"fmt"
	"slices"
	"strings"
)

// Room is one folder of code: a rule that architecture_test.go keeps, and a row of docs/architecture.md.
type Room struct {
	Folder string
	What   string // what lives there
	// our own packages that it may import; "*" = all. Everybody may import the leaves diagnose/fact and diagnose/words
	Imports []string
	Pure    bool // no network, no disk, no other programs, no clock
}

// Rooms lists every folder of code, from the door to the ground floor. A folder below a room that is not listed itself
// belongs to that room.
func Rooms() []Room {
	return []Room{
		{"cmd/gwdoctor", "`main` and one file per subcommand: flags in, a call, a rendering out. `main` is " +
			"`os.Exit(run(ctx, args, env))`", []string{"*"}, false},
		{"report", "renderers: one file per format, all from one finished document; no sorting, no exit codes, no " +
			"terminal detection",
			[]string{"diagnose/answer", "diagnose/bundle", "diagnose/cause", "diagnose/health",
				"diagnose/health/replay", "diagnose/lazyregexp", "diagnose/read/coredump",
				"diagnose/read/coredump/python", "diagnose/read/exitcode", "report/layout", "report/sanitize"}, true},
		{"report/oomreport", "the answer of `gwdoctor oom`, as a text and as JSON",
			[]string{"diagnose/answer/oom", "diagnose/read/kernellog", "report/layout", "report/sanitize"}, true},
		{"report/layout", "a text on a page of some width: words that wrap, tables, quotations, commands, hues",
			[]string{"report/sanitize"}, true},
		{"report/sanitize", "makes strangers' texts harmless to terminals and CI runners",
			[]string{"diagnose/lazyregexp"}, true},
		{"diagnose", "the pipeline on one page",
			[]string{"diagnose/answer", "diagnose/bundle", "diagnose/chain", "diagnose/evidence",
				"diagnose/evidence/docker", "diagnose/evidence/kubernetes", "diagnose/health", "diagnose/inquest",
				"diagnose/rank"}, true},
		{"diagnose/fact", "the vocabulary, a leaf: sources, statuses, cause IDs, states, kinds of event and of end", nil,
			true},
		{"diagnose/interruptible", "opens, reads and writes what may keep silent for ever (a FIFO, standard input and " +
			"output), until a context ends, a leaf", nil, false},
		{"diagnose/words", "says durations, sizes and counts one way, a leaf", nil, true},
		{"diagnose/near", "which known names are most like one that was mistyped, a leaf", nil, true},
		{"diagnose/answer", "every JSON document that a command prints, finished; a test holds the types against " +
			"`docs/schema/`",
			[]string{"diagnose/advice", "diagnose/advice/guard", "diagnose/bundle", "diagnose/cause",
				"diagnose/evidence", "diagnose/inquest", "diagnose/inquest/inside", "diagnose/lazyregexp", "diagnose/rank",
				"diagnose/read/coredump", "diagnose/read/exitcode", "diagnose/read/kernellog",
				"diagnose/read/servicelog"}, true},
		{"diagnose/chain", "which of several containers fell first, and who suffered from it",
			[]string{"diagnose/answer"}, true},
		{"diagnose/rank", "the odds of one container's causes", []string{"diagnose/cause", "diagnose/inquest"}, true},
		{"diagnose/advice/guard", "`gateway_guard.py`: the Python file that a service imports, in parts, with examples " +
			"that explanations quote", []string{"diagnose/lazyregexp"}, true},
		{"diagnose/advice", "what to do: per cause and evidence, commands and YAML of the runtime",
			[]string{"diagnose/advice/guard", "diagnose/evidence", "diagnose/health/check", "diagnose/health/lint",
				"diagnose/inquest", "diagnose/inquest/inside", "diagnose/lazyregexp", "diagnose/read/kernellog",
				"diagnose/read/servicelog",
				"diagnose/read/servicelog/phrase", "diagnose/read/servicelog/traceback", "diagnose/words"}, true},
		{"diagnose/cause", "ten files, one per cause: its name, prior, the rules that speak for and against it; and the " +
			"alternatives",
			[]string{"diagnose/evidence", "diagnose/inquest", "diagnose/inquest/inside", "diagnose/read/coredump",
				"diagnose/read/servicelog"}, true},
		{"diagnose/inquest", "lives, signs, death: what happened, before anybody asks why; the Case that the rules read",
			[]string{"diagnose/evidence", "diagnose/health", "diagnose/health/check", "diagnose/health/lint",
				"diagnose/health/replay", "diagnose/inquest/inside", "diagnose/read/coredump", "diagnose/read/exitcode",
				"diagnose/read/kernellog", "diagnose/read/servicelog", "diagnose/read/servicelog/phrase",
				"diagnose/words"}, true},
		{"diagnose/inquest/inside", "what the memory of running processes shows: who stands still, what for, what is left " +
			"undone", []string{"diagnose/evidence", "diagnose/words"}, true},
		{"diagnose/evidence", "facts of any runtime: Spec (what was wanted), Status (what was seen), Lives, Kernel, Cgroup " +
			"…; built from a bundle, never from a live system",
			[]string{"diagnose/bundle", "diagnose/health/check", "diagnose/health/replay", "diagnose/read/coredump",
				"diagnose/read/coredump/python", "diagnose/read/kernellog", "diagnose/words"}, true},
		{"diagnose/evidence/docker", "decodes the raw files of Docker, and of Podman's and containerd's answers in that " +
			"form, once",
			[]string{"diagnose/bundle", "diagnose/evidence", "diagnose/health/check", "diagnose/read/exitcode"}, true},
		{"diagnose/evidence/kubernetes", "decodes what a Kubernetes API server and a kubelet tell of one container, once",
			[]string{"diagnose/bundle", "diagnose/evidence", "diagnose/health/check"}, true},
		{"diagnose/bundle", "raw files + manifest; folder, `.tar.gz` and in-memory forms; safe extraction, size caps", nil,
			false},
		{"diagnose/bundle/redact", "masks secrets in a bundle and in any text that is quoted",
			[]string{"diagnose/bundle", "diagnose/bundle/redact/ascii", "diagnose/bundle/redact/column",
				"diagnose/bundle/redact/command", "diagnose/bundle/redact/encoded",
				"diagnose/bundle/redact/glyph", "diagnose/bundle/redact/jsontext", "diagnose/bundle/redact/keyname",
				"diagnose/bundle/redact/look", "diagnose/bundle/redact/page", "diagnose/bundle/redact/place",
				"diagnose/bundle/redact/search", "diagnose/bundle/redact/token", "diagnose/read/cri"}, true},
		{"diagnose/bundle/redact/place", "secrets that stand by their place alone: words of protocols, command lines, " +
			"standard input, arguments, parameters of statements",
			[]string{"diagnose/bundle/redact/ascii", "diagnose/bundle/redact/command", "diagnose/bundle/redact/glyph",
				"diagnose/bundle/redact/keyname", "diagnose/bundle/redact/look", "diagnose/bundle/redact/page"}, true},
		{"diagnose/bundle/redact/column", "where what stands in a column of one line stands in another",
			[]string{"diagnose/bundle/redact/ascii"}, true},
		{"diagnose/bundle/redact/encoded", "text in base64 or hexadecimal digits", []string{"diagnose/bundle/redact/ascii"},
			true},
		{"diagnose/bundle/redact/page", "what the rules about secrets read and mark",
			[]string{"diagnose/bundle/redact/glyph", "diagnose/bundle/redact/keyname"}, true},
		{"diagnose/bundle/redact/glyph", "a log read by lines and by characters as their writer meant them, however " +
			"often they were encoded since",
			[]string{"diagnose/bundle/redact/ascii", "diagnose/bundle/redact/keyname", "diagnose/bundle/redact/look",
				"diagnose/read/cri"}, true},
		{"diagnose/bundle/redact/command", "programs that take a secret where no name tells of it, and the words of " +
			"their command lines",
			[]string{"diagnose/bundle/redact/ascii", "diagnose/bundle/redact/keyname", "diagnose/bundle/redact/look"}, true},
		{"diagnose/bundle/redact/look", "how secrets, references and words of a sentence look",
			[]string{"diagnose/bundle/redact/ascii", "diagnose/bundle/redact/keyname"}, true},
		{"diagnose/bundle/redact/keyname", "what a name promises of its value",
			[]string{"diagnose/bundle/redact/ascii"}, true},
		{"diagnose/bundle/redact/token", "tables of secrets that give themselves away, each with who says so",
			[]string{"diagnose/bundle/redact/ascii"}, true},
		{"diagnose/bundle/redact/search", "where one of many short texts may begin, several bytes at a step, a leaf",
			nil, true},
		{"diagnose/bundle/redact/jsontext", "the string literals of a JSON document, byte for byte, a leaf", nil, true},
		{"diagnose/bundle/redact/ascii", "classes of bytes, letters without their case, sets of words, a leaf", nil, true},
		{"diagnose/collect", "fills a bundle from a live system: which sources are asked, in which order, within which " +
			"time. With its rooms the only place with network, disk and clock",
			[]string{"diagnose/bundle", "diagnose/bundle/redact", "diagnose/collect/containerd",
				"diagnose/collect/docker",
				"diagnose/collect/host", "diagnose/collect/inside", "diagnose/collect/probe", "diagnose/collect/source",
				"diagnose/evidence", "diagnose/evidence/docker", "diagnose/health/replay",
				"diagnose/read/coredump", "diagnose/read/cri"}, false},
		{"diagnose/collect/docker", "the Docker API: endpoint, calls, and what is decoded of their answers; the only " +
			"place that imports the SDK",
			[]string{"diagnose/collect/host", "diagnose/collect/source", "diagnose/evidence/docker", "diagnose/near",
				"diagnose/read/cri"}, false},
		{"diagnose/collect/containerd", "containerd itself, for containers of nerdctl and ctr: a few calls of gRPC, put " +
			"into the form of Docker's API",
			[]string{"diagnose/collect/docker", "diagnose/collect/host", "diagnose/collect/source"}, false},
		{"diagnose/collect/kubernetes", "a Kubernetes API server, and through it a kubelet: which cluster, who we are, " +
			"which pods, and their sources",
			[]string{"diagnose/bundle", "diagnose/bundle/redact", "diagnose/collect/probe", "diagnose/collect/source",
				"diagnose/evidence/kubernetes", "diagnose/health/check", "diagnose/health/replay",
				"diagnose/interruptible"}, false},
		{"diagnose/collect/host", "this machine: kernel ring, journal, `/proc`, control groups, core files, layers on " +
			"its disk; no runtime in it",
			[]string{"diagnose/bundle", "diagnose/collect/source", "diagnose/evidence", "diagnose/health/replay",
				"diagnose/read/compressed", "diagnose/read/coredump"}, false},
		{"diagnose/collect/inside", "a running process's memory and what its threads wait for, read without stopping it",
			[]string{"diagnose/collect/host", "diagnose/evidence", "diagnose/read/coredump/python"}, false},
		{"diagnose/collect/probe", "the code that pokes: single probes over the network with their phases, one file a " +
			"protocol, on an open schedule, and the check's own program by exec",
			[]string{"diagnose/bundle", "diagnose/collect/docker", "diagnose/collect/host", "diagnose/collect/source",
				"diagnose/health/replay"}, false},
		{"diagnose/collect/source", "what one source gave: its status and its files; programs in a session of their own",
			[]string{"diagnose/bundle"}, false},
		{"diagnose/collect/enginetest",
			"an engine and a machine for the tests of several packages; not part of the program", nil, false},
		{"diagnose/collect/kubetest", "an API server that serves recorded moments of a cluster (`fixtures/k8s`), for the " +
			"tests of several packages; not part of the program", nil, false},
		{"diagnose/collect/containerdtest", "a containerd whose answers a test chooses, for the tests of several packages; " +
			"not part of the program", []string{"diagnose/collect/enginetest"}, false},
		{"diagnose/answer/oom", "the answer of `gwdoctor oom`: a kernel log cut to a time and a container, with names, " +
			"main process, rhythm",
			[]string{"diagnose/bundle/redact", "diagnose/evidence", "diagnose/read/exitcode", "diagnose/read/kernellog"}, true},
		{"diagnose/health", "the examination of a health check as a whole",
			[]string{"diagnose/health/check", "diagnose/health/lint", "diagnose/health/replay",
				"diagnose/health/simulate"}, true},
		{"diagnose/health/check", "what a check is: its settings, its command, and what the engine's record of a probe says",
			[]string{"diagnose/lazyregexp"}, true},
		{"diagnose/health/replay", "what the probes that gwdoctor ran show, one by one and as a series",
			[]string{"diagnose/health/check", "diagnose/health/simulate"}, true},
		{"diagnose/health/simulate", "the orchestrators' state machines: when each of them acts on a check",
			[]string{"diagnose/health/check"}, true},
		{"diagnose/health/lint", "what is wrong with a check, and how it should be written",
			[]string{"diagnose/health/check", "diagnose/health/replay", "diagnose/health/simulate",
				"diagnose/lazyregexp"}, true},
		{"diagnose/read/kernellog", "kernel log text, any form, to records: OOM kills, fatal signals, filesystem " +
			"trouble, hung tasks",
			[]string{"diagnose/read/envelope", "diagnose/read/envelope/jsontext", "diagnose/read/envelope/stamp",
				"diagnose/read/kernellog/skip"}, true},
		{"diagnose/read/kernellog/skip", "how much of a kernel log can be passed over unread", nil, true},
		{"diagnose/read/kernellog/genlog", "makes large kernel logs and knows what is in them, for tests and " +
			"`docs/measure`; not part of the program", nil, false},
		{"diagnose/read/envelope", "what stands around a line of any log (time, host, service, pod, stream, severity), " +
			"learned from the log",
			[]string{"diagnose/read/envelope/document", "diagnose/read/envelope/jsontext", "diagnose/read/envelope/lex",
				"diagnose/read/envelope/record", "diagnose/read/envelope/severity", "diagnose/read/envelope/stamp"}, true},
		{"diagnose/read/envelope/document", "logs that are no line a record: JSON and YAML of any layout, exports of the " +
			"journal, CSV, strings of a program's text; their records, one a line",
			[]string{"diagnose/read/envelope/jsontext", "diagnose/read/envelope/lex", "diagnose/read/envelope/record",
				"diagnose/read/envelope/severity", "diagnose/read/envelope/stamp"}, true},
		{"diagnose/read/envelope/record", "a record of JSON by the names of its members: text, time, level, whose it is",
			[]string{"diagnose/read/envelope/jsontext", "diagnose/read/envelope/lex",
				"diagnose/read/envelope/severity"}, true},
		{"diagnose/read/envelope/jsontext", "where strings, values and members of JSON end, and what a string stands for",
			[]string{"diagnose/read/envelope/lex"}, true},
		{"diagnose/read/envelope/severity", "how grave a line is by its word or number, of any logger", nil, true},
		{"diagnose/read/envelope/stamp", "the times that logs write: forms, months of any language, zones, orders of " +
			"day and month",
			[]string{"diagnose/read/envelope/lex"}, true},
		{"diagnose/read/envelope/lex", "digits, letters, words and whole numbers, as the readers of lines need them", nil,
			true},
		{"diagnose/read/envelope/envelopetest", "frames a log in the ways in which logs reach a person, for tests; not " +
			"part of the program", nil, true},
		{"diagnose/read/servicelog", "the service's own log: its lines and tracebacks held against the signatures, and " +
			"what a run of them says",
			[]string{"diagnose/lazyregexp", "diagnose/read/envelope", "diagnose/read/envelope/severity",
				"diagnose/read/envelope/jsontext", "diagnose/read/envelope/lex", "diagnose/read/envelope/stamp",
				"diagnose/read/servicelog/excerpt", "diagnose/read/servicelog/phrase",
				"diagnose/read/servicelog/prefix", "diagnose/read/servicelog/signature",
				"diagnose/read/servicelog/traceback"}, true},
		{"diagnose/read/servicelog/traceback", "what Python prints of an exception, and which one of a chain counts",
			[]string{"diagnose/read/envelope/lex", "diagnose/read/servicelog/excerpt",
				"diagnose/read/servicelog/prefix"}, true},
		{"diagnose/read/servicelog/prefix", "what loggers put before a message: taken off, with the level that it names",
			[]string{"diagnose/read/envelope/lex", "diagnose/read/envelope/severity"}, true},
		{"diagnose/read/servicelog/excerpt", "short, harmless texts of what a stranger printed, a leaf", nil, true},
		{"diagnose/read/servicelog/phrase", "what the words of a single log line say, whoever printed it", []string{
			"diagnose/lazyregexp"}, true},
		{"diagnose/read/servicelog/signature", "the table of what emitters print when they fail, and what a line of each " +
			"is worth", nil, true},
		{"diagnose/read/coredump", "core files: what they tell, where they would have been written, why there is none",
			[]string{"diagnose/lazyregexp", "diagnose/read/coredump/python", "diagnose/read/coredump/unwind"}, true},
		{"diagnose/read/coredump/python", "the Python stack of every thread, and asyncio's tasks, out of a crashed or " +
			"running interpreter's memory",
			[]string{"diagnose/lazyregexp"}, true},
		{"diagnose/read/coredump/unwind", "native stacks by `.eh_frame`", nil, true},
		{"diagnose/read/coredump/coretest", "what the tests of several packages need of core files; not part of the program",
			[]string{"diagnose/read/compressed"}, false},
		{"diagnose/read/cri", "the line form of container logs: what a line is made of", nil, true},
		{"diagnose/read/compressed", "gzip, zstd, xz and lz4 streams, told by their first bytes", nil, true},
		{"diagnose/read/exitcode", "exit codes and signals, with what they mean for PID 1 in a container", nil, true},
		{"diagnose/lazyregexp", "regular expressions that are compiled when they are first used", nil, true},
		{"fixtures", "`incidents/NAME/` are recorded bundles, each with `expect.json`; `fixtures.go` embeds them as " +
			"`incidents.zip` (`go generate ./fixtures`)", nil, false},
		{"fixtures/record", "reads `fixtures/records` and makes the bundles of them that a capture would have made",
			[]string{"diagnose/bundle"}, false},
		{"fixtures/pythons", "finds the Python interpreters of this machine, for tests of what users are told to run", nil,
			false},
		{"fixtures/lab", "the lab: makes the incidents that `fixtures` holds, and judges", []string{"*"}, false},
		{"docs", "a page per cause, the bundle format, the JSON schemas, a page (`cli/`) and a man page (`man/`) per " +
			"command; generated where it repeats code, checked by a test",
			[]string{"diagnose/advice", "diagnose/advice/guard", "diagnose/bundle", "diagnose/cause",
				"diagnose/read/servicelog/signature"}, false},
		{"docs/generate", "writes those pages", []string{"docs"}, false},
		{"docs/measure/records", "writes the records as bundles, for `docs/measure/same-verdicts.sh`",
			[]string{"fixtures/record"}, false},
		{"docs/measure/genlog", "writes the large kernel logs that are measured",
			[]string{"diagnose/read/kernellog/genlog"}, false},
	}
}

// The lines of docs/architecture.md between which the table of rooms stands.
const (
	roomsBegin = "<!-- rooms: written by `go run ./docs/generate` from docs/rooms.go -->\n"
	roomsEnd   = "<!-- rooms end -->\n"
)

// WithRooms returns the text of docs/architecture.md with the table of rooms as the rules have it.
func WithRooms(page string) (string, error) {
	before, rest, ok := strings.Cut(page, roomsBegin)
	_, after, ok2 := strings.Cut(rest, roomsEnd)
	if !ok || !ok2 {
		return "", fmt.Errorf("find the table of rooms: the page has no line %q or %q", roomsBegin, roomsEnd)
	}
	return before + roomsBegin + roomTable() + roomsEnd + after, nil
}

func roomTable() string {
	var w strings.Builder
	w.WriteString("| folder | what lives there | pure | may import, beside `fact` |\n| --- | --- | --- | --- |\n")
	for _, r := range Rooms() {
		pure := ""
		if r.Pure {
			pure = "yes"
		}
		fmt.Fprintf(&w, "| `%s/` | %s | %s | %s |\n", r.Folder, r.What, pure, importsOf(r))
	}
	return w.String()
}

func importsOf(r Room) string {
	if slices.Contains(r.Imports, "*") {
		return "everything"
	}
	if len(r.Imports) == 0 {
		return "nothing of ours"
	}
	names := make([]string, len(r.Imports))
	for i, path := range r.Imports {
		names[i] = "`" + strings.TrimPrefix(path, "diagnose/") + "`"
	}
	return strings.Join(names, ", ")
}
