package servicelog

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/prefix"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/signature"
)

// unmistakable are texts that nobody prints but their emitter, and that emitter past every logger: they may come right
// after a line that was never ended (a progress bar, a terminal, two streams joined).
var unmistakable = []string{"Fatal Python error: ", "Traceback (most recent call last):",
	"double free or corruption (", "free(): invalid ", "free(): double free detected", "munmap_chunk(): invalid pointer",
	"corrupted size vs. prev_size", "malloc(): ", "*** stack smashing detected ***", "*** buffer overflow detected ***",
	"terminate called after throwing an instance of ", "Segmentation fault (core dumped)", "Aborted (core dumped)",
	"panic: runtime error: ", "fatal error: all goroutines are asleep", "fatal error: concurrent map ",
	"thread 'main' panicked at ", "# A fatal error has been detected by the Java", `Exception in thread "main" `,
	"Unhandled exception. System.", "Task exception was never retrieved", "Task was destroyed but it is pending!"}

// inAnyLine are those that are looked for in lines with a prefix, too.
var inAnyLine = [][]byte{[]byte("Fatal Python error: "), []byte("Traceback (most recent call last):")}

// glueMatchers have the finder look for the unmistakable texts on the same walk; their signature is none.
func glueMatchers() []*matcher {
	var list []*matcher
	for _, text := range unmistakable {
		list = append(list, &matcher{sig: &signature.Row{}, anchors: [][]byte{[]byte(text)}})
	}
	return list
}

// glued returns where in a line, not at its start, one of the unmistakable texts begins that is glued to what stands
// before it; 0 for nowhere. After a blank or a quotation mark it may be quoted, and is not believed, unless the line
// before it was waiting ("loading... ").
func (s *runScan) glued(p prefix.Line, line []byte) int {
	at := 0
	if line[0] == '{' {
		return 0
	}
	if p.Bare {
		for _, n := range s.find(line) {
			if n.m.sig.ID != "" || n.m.sig.Form != "" {
				continue
			}
			if i := bytes.Index(line, n.text); i > 0 && (at == 0 || i < at) {
				at = i
			}
		}
	} else {
		for _, text := range inAnyLine {
			if i := bytes.Index(line, text); i > 0 && len(line)-len(p.Msg) < i {
				at = i
				break
			}
		}
	}
	if at == 0 || !unended(line[:at]) {
		return 0
	}
	return at
}

// unended tells whether a text looks like a line that was never ended.
func unended(before []byte) bool {
	switch before[len(before)-1] {
	case ' ', '\t':
		before = bytes.TrimRight(before, " \t")
		return bytes.HasSuffix(before, []byte("...")) || bytes.HasSuffix(before, []byte("…")) ||
			bytes.HasSuffix(before, []byte("%"))
	case '"', '\'', '`', '(', '[', '=', ':', '\\', '>', '<', ',':
		return false
	}
	return true
}
