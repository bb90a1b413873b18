package kernellog

import "io"

// Read returns everything that the log says. Where reading fails it returns what
// was read until then, and the error.
func Read(r io.Reader, opts Options) (*Log, error) {
	s := NewScanner(r, opts)
	var log Log
	for s.Scan() {
		log.Add(s.Record())
	}
	s.Cover(&log)
	return &log, s.Err()
}

// Add puts a record into its list. Notes of one kind become one.
func (log *Log) Add(rec Record) {
	switch {
	case rec.Kill != nil:
		log.Kills = append(log.Kills, *rec.Kill)
	case rec.Crash != nil:
		log.Crashes = append(log.Crashes, *rec.Crash)
	case rec.Trouble != nil:
		log.Trouble = append(log.Trouble, *rec.Trouble)
	case rec.Note != nil:
		for i := range log.Notes {
			if log.Notes[i].Kind == rec.Note.Kind {
				log.Notes[i].Count += rec.Note.Count
				return
			}
		}
		log.Notes = append(log.Notes, *rec.Note)
	}
}

// Settled returns the sequence number of the last record behind which reading may
// go on another time without losing what belongs together; -1 where there is none.
func (s *Scanner) Settled() int64 { return s.settled }

// Cover tells a log how much was read so far, and the time that it covers.
func (s *Scanner) Cover(log *Log) {
	log.Lines, log.Bytes, log.Settled = s.lines, s.in.size(), s.settled
	s.span.fill(log)
	if s.boots == 0 && s.ended {
		log.date()
	}
}
