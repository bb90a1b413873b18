package report

import "github.com/gwdoctor/gwdoctor/report/layout"

// page is a page on which parts of a report are written.
type page struct{ *layout.Page }

func newPage(s layout.Style) *page { return &page{layout.New(s)} }

// empty is a page of the same kind with nothing on it.
func (p *page) empty() *page { return &page{p.Empty()} }
