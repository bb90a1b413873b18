package kernellog

import (
	"bytes"
	"strconv"
	"strings"
)

// stat reads the head of the counters. Until 5.2 there is a line for every cgroup
// below, with its own pages only; from 5.4 there is one cgroup, with everything
// below it.
func (d *dump) stat(msg []byte) bool {
	path, counters, ok := statsLine(msg)
	if !ok {
		return false
	}
	if d.stats == "" {
		d.stats = path
	}
	d.hasMemory = true
	if strings.HasPrefix(counters, "cache:") {
		add(&d.memory.File, kilobytes(counters, "cache:"))
		add(&d.memory.Anon, kilobytes(counters, " rss:"))
		add(&d.memory.Shmem, kilobytes(counters, " shmem:"))
		return true
	}
	d.statsOpen = true
	for counter := range strings.SplitSeq(counters, "\n") {
		d.counter(counter)
	}
	return true
}

func add(sum **int64, n *int64) {
	if n == nil {
		return
	}
	total := *n
	if *sum != nil {
		total += **sum
	}
	*sum = &total
}

// counter reads "anon 20873216", in bytes. Version 1 of control groups says "rss"
// and "cache" of the group alone and, further down, "total_rss" of all below it.
func (d *dump) counter(text string) {
	name, value, _ := strings.Cut(strings.TrimSpace(text), " ")
	name, total := strings.CutPrefix(name, "total_")
	field := d.memory.counter(name)
	if field == nil || *field != nil && !total {
		return
	}
	if n, err := strconv.ParseInt(value, 10, 64); err == nil && n >= 0 {
		*field = &n
	}
}

func (m *Memory) counter(name string) **int64 {
	switch name {
	case "anon", "rss":
		return &m.Anon
	case "file", "cache":
		return &m.File
	case "shmem":
		return &m.Shmem
	case "kernel":
		return &m.Kernel
	}
	return nil
}

// counterNames begin the counters that are kept, of all those that a dump prints.
var counterNames = []string{"anon ", "cache ", "file ", "kernel ", "rss ", "shmem ", "total_"}

// isCounter tells whether a message may begin with one of them.
func isCounter(msg []byte) bool {
	word, _, ok := bytes.Cut(msg[:min(len(msg), len("kernel "))], []byte(" "))
	if !ok {
		return bytes.HasPrefix(msg, []byte("total_"))
	}
	switch string(word) {
	case "anon", "cache", "file", "kernel", "rss", "shmem":
		return true
	}
	return bytes.HasPrefix(word, []byte("total_"))
}
