// Package document turns what is no line a record into lines: JSON and YAML of any layout, what journalctl exports,
// CSV, the strings of a program's text, and the signs that mails and pages put in the place of a log's. It finds the
// records and rewrites none: what stands in them is for who opens the lines.
//
//	{
//	  "events": [
//	    {"message": "Worker (pid:7) was sent SIGKILL!", "timestamp": 1795424775123},
//	    {"message": "Booting worker with pid: 12", "timestamp": 1795424776001}
//	  ]
//	}
//
// becomes the two lines
//
//	{"message":"Worker (pid:7) was sent SIGKILL!","timestamp":1795424775123}
//	{"message":"Booting worker with pid: 12","timestamp":1795424776001}
//
// What it promises: text that is of no such form, and what stands before, behind or between records, is passed on as it
// is; a document may be of any size and be cut off anywhere, and memory stays bounded; what was cut is told.
package document

import "bytes"

// HeadSize is how much of a log its form is read off: a head as long as that may go on.
const HeadSize = 64 << 10

// Stage turns one form of a log into another, piece by piece.
type Stage interface {
	Feed(out, in []byte) []byte // appends what in completes
	End(out []byte) []byte      // appends the rest
}

// Stages returns the stages for a log that begins with head, the first one first and none where it has a record a line,
// and what they make of head.
func Stages(head []byte) (stages []Stage, lines []byte) {
	add := func(stage, trial Stage) {
		stages = append(stages, stage)
		head = trial.Feed(nil, head)
	}
	if p := newPage(head); p != nil {
		add(p, newPage(head))
	}
	if holdsPageSpaces(head) {
		add(&spaces{}, &spaces{})
	}
	if isQuotedPrintable(head) {
		add(&quotedPrintable{}, &quotedPrintable{})
	}
	if text := bytes.TrimLeft(head, " \t\r\n"); isArrowed(text) && !bytes.HasPrefix(text, []byte(`{"`)) {
		add(&arrows{}, &arrows{})
	}
	doc := of(head)
	if doc != nil {
		add(doc, of(head))
	}
	if _, isJSON := doc.(*JSON); !isJSON && (doc != nil || len(head) > 0 && head[0] == '{') {
		stages = append(stages, &longLines{})
	}
	return stages, head
}

// of returns the stage for a head that is no line a record, nil where it is.
func of(head []byte) Stage {
	text := bytes.TrimLeft(head, " \t\r\n")
	switch {
	case len(text) == 0:
		return nil
	case text[0] == '{' || text[0] == '[':
		if isDocument(text) {
			return &JSON{}
		}
		if isLiteral(text) {
			return &literals{}
		}
	case isLiteral(text):
		return &literals{}
	case isExport(text):
		return &export{}
	case isVerbose(text):
		return &verbose{}
	}
	if c := newTable(text); c != nil {
		return c
	}
	if f := newFields(head); f != nil {
		return f
	}
	return nil
}
