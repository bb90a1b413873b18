// Package cri knows the line form in which container logs are kept, the CRI's
// (Kubernetes design-proposals/node/kubelet-cri-logging.md), which a bundle's
// container/logs.cri has, too: time, stream, tag, text.
//
//	2026-11-23T19:14:00.123456789Z stderr F Traceback (most recent call last):
//	2026-11-23T19:14:00.125000000Z stdout P a piece whose line goes on
//
// P marks a piece that no newline ended: a line above 16 KiB that was split, or the last
// words before the pipe closed. More tags may follow the first after a colon. The package
// is pure; nothing of a line is believed but its form.
package cri

import (
	"bytes"
	"time"
)

// MaxStamp is the longest form of the time, 2026-11-23T19:14:00.123456789+00:00, and
// minStamp the shortest.
const (
	MaxStamp = 35
	minStamp = len("2006-01-02T15:04:05Z")
)

// NoStamp stands where there is no time at all; Go's zero time.
const NoStamp = "0001-01-01T00:00:00Z"

// Append adds a line to dst. text holds no newline; ended tells that one ended it.
func Append(dst, stamp []byte, stream string, ended bool, text []byte) []byte {
	tag := " P "
	if ended {
		tag = " F "
	}
	dst = append(append(append(append(dst, stamp...), ' '), stream...), tag...)
	return append(append(dst, text...), '\n')
}

// Header returns the length of a line's header, up to the text, whether the line goes on
// in the next piece, and the stream: o(ut) or e(rr). 0 = the line has none.
func Header(line []byte) (n int, partial bool, stream byte) {
	n = wordLength(line)
	if n == len(line) || !mayBeStamp(line[:n]) {
		return 0, false, 0
	}
	n++ // the blank
	if len(line) < n+8 || string(line[n:n+3]) != "std" || line[n+6] != ' ' {
		return 0, false, 0
	}
	stream = line[n+3]
	tag := line[n+7]
	if tag != 'P' && tag != 'F' {
		return 0, false, 0
	}
	n += 8
	if len(line) > n { // the blank, or ":more tags "
		n += bytes.IndexByte(line[n:], ' ') + 1
	}
	return n, tag == 'P', stream
}

// StampLength returns the length of the RFC 3339 time that p begins with, when a blank or
// the end follows; 0 = there is none.
func StampLength(p []byte) int {
	n := wordLength(p)
	if !mayBeStamp(p[:n]) {
		return 0
	}
	if _, err := time.Parse(time.RFC3339Nano, string(p[:n])); err != nil {
		return 0
	}
	return n
}

// wordLength is how far it is to the first blank or the end, one more than a stamp is
// long at most.
func wordLength(p []byte) int {
	p = p[:min(len(p), MaxStamp+1)]
	if n := bytes.IndexByte(p, ' '); n >= 0 {
		return n
	}
	return len(p)
}

// mayBeStamp is the cheap half of reading a time; a log has millions.
func mayBeStamp(word []byte) bool {
	return len(word) >= minStamp && len(word) <= MaxStamp && word[4] == '-' && word[10] == 'T'
}
