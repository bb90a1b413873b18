package layout

import (
	"os"
	"strings"
	"testing"
)

func Example() {
	p := New(Style{Width: 40})
	p.Para(7, Hued("CAUSE", p.Title), p.Text("the kernel killed the container for lack of memory"))
	p.Quote(7, "Memory cgroup out of memory: Killed process 4711")
	if err := p.Print(os.Stdout); err != nil {
		panic(err)
	}
	// Output:
	// CAUSE  the kernel killed the container
	//        for lack of memory
	//        | Memory cgroup out of memory:
	//        | Killed process 4711
}

// TestEveryWayOntoThePageIsClean: whichever way a stranger's text comes onto a page, a terminal obeys none of it.
func TestEveryWayOntoThePageIsClean(t *testing.T) {
	const poison = "a\x1b[2Jb\u202ec"
	for name, write := range map[string]func(*Page){
		"para":     func(p *Page) { p.Para(4, p.Text(poison), p.Text(poison), p.Dimmed(poison)) },
		"heading":  func(p *Page) { p.Heading(poison) },
		"quote":    func(p *Page) { p.Quote(4, poison) },
		"verbatim": func(p *Page) { p.Verbatim(4, poison) },
		"command":  func(p *Page) { p.Command(4, "", poison) },
		"shell":    func(p *Page) { p.Shell(4, "", poison) },
		"table":    func(p *Page) { p.Table([]string{"name"}, [][]string{{Cell(poison, 30)}}) },
		"name":     func(p *Page) { p.Put(nil, Name(poison)) },
	} {
		p := New(Style{})
		write(p)
		var out strings.Builder
		if err := p.Print(&out); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); strings.ContainsAny(got, "\x1b\u202e") || !strings.Contains(got, `a\x1b[2Jb\u202ec`) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestHeightAndAdd: a page that is tried and added is as high as the two were.
func TestHeightAndAdd(t *testing.T) {
	p := New(Style{Verbose: true, Width: 50})
	p.Heading("first")
	trial := p.Empty()
	if trial.Height() != 0 || trial.Columns != p.Columns || trial.Verbose != p.Verbose {
		t.Errorf("the trial has %d lines, %d columns", trial.Height(), trial.Columns)
	}
	trial.Para(0, trial.Text(""), trial.Text("second"))
	want := p.Height() + trial.Height()
	if p.Add(trial); p.Height() != want {
		t.Errorf("%d lines, want %d", p.Height(), want)
	}
}
