package oomreport

import "github.com/gwdoctor/gwdoctor/report/layout"

// page is a page on which parts of the answer are written.
type page struct{ *layout.Page }

func newPage(s layout.Style) *page { return &page{layout.New(s)} }
