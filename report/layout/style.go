package layout

import "github.com/fatih/color"

// Style is how a text is to look. Who calls decides it per destination; a
// renderer never asks the terminal.
type Style struct {
	Color   bool
	Width   int  // columns; 0 = 80, never taken as less than 40
	Verbose bool // everything that is known, not only what matters
	Quiet   bool // the table of verdicts alone
	Brief   bool // of several, no pages: they stand in a file beside
}

const (
	DefaultWidth = 80
	minWidth     = 40
)

func (s Style) width() int {
	if s.Width == 0 {
		return DefaultWidth
	}
	return max(s.Width, minWidth)
}

// palette holds the few hues. They are switched per value: fatih/color's global
// switch looks at os.Stdout, whatever the writer is (fatih/color init).
type palette struct {
	Title, Bad, Good, Unsure, Dim *color.Color
}

func newPalette(on bool) palette {
	p := palette{
		Title:  color.New(color.Bold),
		Bad:    color.New(color.FgRed, color.Bold),
		Good:   color.New(color.FgGreen, color.Bold),
		Unsure: color.New(color.FgYellow, color.Bold),
		Dim:    color.New(color.Faint),
	}
	for _, c := range []*color.Color{p.Title, p.Bad, p.Good, p.Unsure, p.Dim} {
		if on {
			c.EnableColor()
		} else {
			c.DisableColor()
		}
	}
	return p
}
