package servicelog

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// recordings are the files of testdata/recordings.tar.gz by name: 730 outputs of real servers, recorded for
// docs/notes/PYTHON.md.
var recordings = sync.OnceValue(func() map[string][]byte {
	f, err := os.Open("testdata/recordings.tar.gz")
	if err != nil {
		panic(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		panic(err)
	}
	files := map[string][]byte{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			return files
		}
		if err != nil {
			panic(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			panic(err)
		}
		files[strings.TrimSuffix(h.Name, ".txtar")] = data
	}
})

// recorded turns a recording (txtar: command, exit status, stdout, stderr) into the CRI form of the collector. The two
// streams were recorded apart, so stdout comes first. A line that carries a time of its own (gunicorn, hypercorn) is
// stamped with it; others follow 1 ms after the one before.
func recorded(file []byte) []byte {
	var out bytes.Buffer
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for _, name := range []string{"stdout", "stderr"} {
		for _, line := range section(file, name) {
			at = at.Add(time.Millisecond)
			if len(line) > 27 && line[0] == '[' {
				if t, err := time.Parse("2006-01-02 15:04:05 -0700", line[1:26]); err == nil && t.After(at) {
					at = t.UTC()
				}
			}
			fmt.Fprintf(&out, "%s %s F %s\n", at.Format("2006-01-02T15:04:05.000000000Z"), name, line)
		}
	}
	return out.Bytes()
}

// section returns the lines of one section of a txtar file.
func section(file []byte, name string) []string {
	_, body, ok := strings.Cut("\n"+string(file), "\n-- "+name+" --\n")
	if !ok {
		return nil
	}
	if name == "stdout" {
		body, _, _ = strings.Cut("\n"+body, "\n-- stderr --\n")
		body = strings.TrimPrefix(body, "\n")
	}
	body = strings.TrimSuffix(body, "\n")
	if body == "" {
		return nil
	}
	return strings.Split(body, "\n")
}
