package bundle

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"path"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// What a bundle may hold. Reading stops at the first excess, writing refuses to
// make what reading would refuse.
const (
	maxEntries  = 4096
	maxFile     = 64 << 20  // bytes of one file
	maxTotal    = 256 << 20 // bytes of all files, unpacked
	maxManifest = 1 << 20   // bytes of manifest.json
	maxName     = 240       // bytes of a file's path
	maxSources  = 64        // entries of the manifest; there are some fifteen
	maxRecords  = 1 << 18   // values of the manifest: a mask of each kind in each of maxEntries files are fewer
)

// Values is how many values a JSON text can hold at most: it counts what parts and
// opens them. Decoding takes up to some hundred bytes for each, so a text is counted
// first.
func Values(data []byte) int {
	return bytes.Count(data, []byte{','}) + bytes.Count(data, []byte{'{'}) + bytes.Count(data, []byte{'['}) + 1
}

// contents gathers the files of a bundle while it is read, within the limits.
type contents struct {
	files   map[string][]byte
	entries int // folders count, too
	total   int64
}

// enter counts an entry and checks its name. It tells whether to keep the file.
func (c *contents) enter(name string) (keep bool, err error) {
	if c.entries++; c.entries > maxEntries {
		return false, hostile("has more than %d entries", maxEntries)
	}
	if why := badName(name); why != "" {
		return false, hostile("has an entry %q whose name %s", brief(name), why)
	}
	if _, twice := c.files[name]; twice {
		return false, hostile("has the file %q twice", brief(name))
	}
	return !litter(name), nil
}

// add stores an entered file.
func (c *contents) add(name string, data []byte) {
	if c.files == nil {
		c.files = map[string][]byte{}
	}
	c.files[name] = data
	c.total += int64(len(data))
}

// room returns how many bytes the next file may have.
func (c *contents) room() int64 { return min(maxFile, maxTotal-c.total) }

// tooBig is the refusal of a file beyond room.
func (c *contents) tooBig(name string) error {
	if c.room() < maxFile {
		return hostile("holds more than %d MiB", maxTotal>>20)
	}
	return hostile("has a file %q of more than %d MiB", brief(name), maxFile>>20)
}

// badName says what is wrong with a file's name in a bundle; "" = nothing.
func badName(name string) string {
	switch {
	case len(name) > maxName:
		return "is too long"
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) || strings.Contains(name, `\`):
		return "has bytes that no bundle uses"
	case !fs.ValidPath(name) || name == ".":
		return "leads out of the bundle"
	}
	return ""
}

// litter names files that macOS puts beside others; they are left out.
func litter(name string) bool {
	base := path.Base(name)
	return base == ".DS_Store" || strings.HasPrefix(base, "._")
}

// bundle turns the gathered files into a Bundle, once all of them are there.
func (c *contents) bundle() (*Bundle, error) {
	files, err := rooted(c.files)
	if err != nil {
		return nil, err
	}
	if err := checkFolders(files); err != nil {
		return nil, err
	}
	m, err := parseManifest(files[FileManifest])
	if err != nil {
		return nil, err
	}
	delete(files, FileManifest)
	b := &Bundle{manifest: m, files: files}
	if name, ok := b.missing(); ok {
		return nil, truncated("lacks the file %q that its manifest lists", brief(name))
	}
	return b, nil
}

// rooted takes off the one leading folder that an archive of a folder has.
func rooted(files map[string][]byte) (map[string][]byte, error) {
	if _, ok := files[FileManifest]; ok {
		return files, nil
	}
	folder := ""
	for name := range files {
		if first, rest, ok := strings.Cut(name, "/"); ok && rest == FileManifest {
			folder = first + "/"
		}
	}
	if folder == "" {
		return nil, notABundle("has no %s", FileManifest)
	}
	short := make(map[string][]byte, len(files))
	for name, data := range files {
		rest, ok := strings.CutPrefix(name, folder)
		if !ok {
			return nil, notABundle("has files beside its folder %q", brief(folder))
		}
		short[rest] = data
	}
	return short, nil
}

// checkFolders refuses a file that is also the folder of another: no disk could
// hold both.
func checkFolders(files map[string][]byte) error {
	for name := range files {
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			if _, both := files[dir]; both {
				return hostile("has %q as a file and as a folder", brief(dir))
			}
		}
	}
	return nil
}

// parseManifest looks at the version first: a newer manifest may have any shape.
func parseManifest(data []byte) (Manifest, error) {
	if len(data) > maxManifest {
		return Manifest{}, hostile("has a %s of more than %d MiB", FileManifest, maxManifest>>20)
	}
	if Values(data) > maxRecords {
		return Manifest{}, hostile("has a %s of too many values", FileManifest)
	}
	var head struct {
		SchemaVersion int `json:"schemaVersion"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return Manifest{}, notABundle("has a %s that cannot be read (%s)", FileManifest, brief(err.Error()))
	}
	if head.SchemaVersion > SchemaVersion {
		return Manifest{}, future("has schema version %d, this gwdoctor reads up to %d", head.SchemaVersion, SchemaVersion)
	}
	if head.SchemaVersion < 1 {
		return Manifest{}, notABundle("has a %s without a schemaVersion", FileManifest)
	}
	var m Manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return Manifest{}, notABundle("has a %s that cannot be read (%s)", FileManifest, brief(err.Error()))
	}
	m.Target = m.Target.withDefaults()
	if err := m.Target.known(); err != nil {
		return Manifest{}, err
	}
	if len(m.Sources) > maxSources {
		return Manifest{}, hostile("has a %s with more than %d sources", FileManifest, maxSources)
	}
	for i := range m.Sources {
		if len(m.Sources[i].Files) > maxEntries {
			return Manifest{}, hostile("has a %s with more than %d files of a source", FileManifest, maxEntries)
		}
		if m.Sources[i].Files == nil {
			m.Sources[i].Files = []string{}
		}
		m.Sources[i].From, m.Sources[i].To = plausible(m.Sources[i].From), plausible(m.Sources[i].To)
	}
	if plausible(&m.CapturedAt) == nil {
		m.CapturedAt = time.Time{}
	}
	return m, nil
}

// plausible returns a time that JSON can write in any zone, and of which 64 bits of nanoseconds hold what is worked out
// with it, else nil: one of any other would cost the report. Year 1 is the zero time.
func plausible(t *time.Time) *time.Time {
	const lastYear = 2261
	if t == nil || t.UTC().Year() < 1 || t.UTC().Year() > lastYear {
		return nil
	}
	return t
}

// missing returns a file that the manifest lists and the bundle lacks. To go on
// without it would let a lost file count as a silent one.
func (b *Bundle) missing() (string, bool) {
	folders := b.folders()
	for _, s := range b.manifest.Sources {
		for _, name := range s.Files {
			if _, ok := b.files[name]; !ok && !folders[name] {
				return name, true
			}
		}
	}
	return "", false
}

// folders are those with files in them, as a manifest names them: "live/cgroup/".
func (b *Bundle) folders() map[string]bool {
	set := map[string]bool{}
	for name := range b.files {
		for dir := path.Dir(name); dir != "." && !set[dir+"/"]; dir = path.Dir(dir) {
			set[dir+"/"] = true
		}
	}
	return set
}
