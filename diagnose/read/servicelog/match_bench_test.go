package servicelog

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/prefix"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/signature"
)

// literals are all texts of the table that are long enough to look for on their own, as `rg -F -f` would get them.
func literals() []string {
	var out []string
	for _, s := range signature.Table() {
		for _, l := range slices.Concat(s.Starts, s.Anchors, s.AnyOf) {
			if len(l) > 5 && !slices.Contains(out, l) {
				out = append(out, l)
			}
		}
	}
	return out
}

// BenchmarkMatcher holds what was chosen (a look at the first byte of the message, once the prefix is off) against what
// was not: every one of the others finds literals wherever they stand, so a second look at the line is still to come.
func BenchmarkMatcher(b *testing.B) {
	log := accessLog(b)
	for name, count := range map[string]func([]byte) int{
		"chosen":      countChosen,
		"ahocorasick": newAutomaton(literals()).count,
		"index":       countIndex,
		"rarebyte":    countRare(),
		"regexp":      countRegexp(),
	} {
		b.Run(name, func(b *testing.B) {
			part := log
			if name == "regexp" || name == "index" {
				part = log[:1<<20] // a whole log would take minutes
			}
			b.SetBytes(int64(len(part)))
			for b.Loop() {
				if count(part) == 0 {
					b.Fatal("found nothing")
				}
			}
		})
	}
}

// countChosen does for each line what Scan does, and nothing else.
func countChosen(log []byte) int {
	found := 0
	r := envelope.NewReader(bytes.NewReader(log), envelope.Options{})
	var m envelope.Message
	for {
		if err := r.Next(&m); err != nil {
			return found
		}
		p := prefix.Parse(m.Text)
		if len(p.Msg) == 0 {
			continue
		}
		if m := signatures().message(p); m != nil {
			found++
		}
	}
}

// countIndex asks bytes.Index for every literal.
func countIndex(log []byte) int {
	found := 0
	for _, l := range literals() {
		found += bytes.Count(log, []byte(l))
	}
	return found
}

// countRare looks for each literal's rarest byte with bytes.IndexByte, and compares there.
func countRare() func([]byte) int {
	const common = " etaoinsrhldcumfpgwybvkxjqz_-./:0123456789" // the more to the left, the commoner in a log
	by := map[byte][]string{}
	at := map[string]int{}
	for _, l := range literals() {
		rare := 0
		for i := range len(l) {
			if rank(common, l[i]) > rank(common, l[rare]) {
				rare = i
			}
		}
		by[l[rare]] = append(by[l[rare]], l)
		at[l] = rare
	}
	return func(log []byte) int {
		found := 0
		for c, list := range by {
			for i := 0; i < len(log); i++ {
				n := bytes.IndexByte(log[i:], c)
				if n < 0 {
					break
				}
				i += n
				for _, l := range list {
					if from := i - at[l]; from >= 0 && bytes.HasPrefix(log[from:], []byte(l)) {
						found++
					}
				}
			}
		}
		return found
	}
}

// rank returns how rare a byte is in a log.
func rank(common string, c byte) int {
	if i := strings.IndexByte(common, c); i >= 0 {
		return i
	}
	return len(common)
}

func countRegexp() func([]byte) int {
	var quoted []string
	for _, l := range literals() {
		quoted = append(quoted, regexp.QuoteMeta(l))
	}
	any := regexp.MustCompile(strings.Join(quoted, "|"))
	return func(log []byte) int { return len(any.FindAllIndex(log, -1)) }
}

// automaton is an Aho-Corasick automaton as a full table: one look-up a byte, the most that this method can do.
type automaton struct {
	next [][256]int32
	ends []bool
}

func newAutomaton(words []string) *automaton {
	a := &automaton{next: make([][256]int32, 1), ends: make([]bool, 1)}
	for _, w := range words {
		s := int32(0)
		for i := range len(w) {
			if a.next[s][w[i]] == 0 {
				a.next = append(a.next, [256]int32{})
				a.ends = append(a.ends, false)
				a.next[s][w[i]] = int32(len(a.next) - 1)
			}
			s = a.next[s][w[i]]
		}
		a.ends[s] = true
	}
	fail := make([]int32, len(a.next))
	queue := []int32{0}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		for c := range 256 {
			t := a.next[s][c]
			switch {
			case t == 0 && s != 0:
				a.next[s][c] = a.next[fail[s]][c]
			case t != 0:
				if s != 0 {
					fail[t] = a.next[fail[s]][c]
				}
				a.ends[t] = a.ends[t] || a.ends[fail[t]]
				queue = append(queue, t)
			}
		}
	}
	return a
}

func (a *automaton) count(log []byte) int {
	found, s := 0, int32(0)
	for _, c := range log {
		if s = a.next[s][c]; a.ends[s] {
			found++
		}
	}
	return found
}

// BenchmarkStage is what each step of the way costs on access lines, each with those before it.
func BenchmarkStage(b *testing.B) {
	log := accessLog(b)
	each := func(b *testing.B, look func(m *envelope.Message)) {
		b.SetBytes(int64(len(log)))
		for b.Loop() {
			r := envelope.NewReader(bytes.NewReader(log), envelope.Options{})
			var m envelope.Message
			for r.Next(&m) == nil {
				look(&m)
			}
		}
	}
	b.Run("1-envelope", func(b *testing.B) { each(b, func(*envelope.Message) {}) })
	b.Run("2-prefix", func(b *testing.B) { each(b, func(m *envelope.Message) { prefix.Parse(m.Text) }) })
	b.Run("3-match", func(b *testing.B) {
		each(b, func(m *envelope.Message) {
			if p := prefix.Parse(m.Text); len(p.Msg) > 0 {
				signatures().message(p)
				lifecycleMark(p.Msg)
				accessLine(p.Msg)
			}
		})
	})
	b.Run("4-scan", func(b *testing.B) { benchScan(b, log) })
}
