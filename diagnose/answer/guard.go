package answer

import "github.com/gwdoctor/gwdoctor/diagnose/advice/guard"

// Guard is what `gwdoctor guard` prints: the Python file, or with --list only what is in it.
type Guard struct {
	SchemaVersion int         `json:"schemaVersion"`
	Version       string      `json:"version"` // of the Python file
	FileName      string      `json:"fileName"`
	Parts         []GuardPart `json:"parts"`
	File          string      `json:"file,omitempty"` // its text
}

// GuardPart is one part of the Python file.
type GuardPart struct {
	Name   string   `json:"name"`
	Does   string   `json:"does"`
	Fixes  []string `json:"fixes"`         // what of the source document it does
	Causes []string `json:"causes"`        // that it makes visible or prevents
	Needs  []string `json:"needs"`         // other parts
	Use    string   `json:"use,omitempty"` // the call that brings it in; the import is enough without one
}

// GuardOf puts the file together from the named parts and what they need; nil means all parts.
func GuardOf(names []string) (Guard, error) {
	text, err := guard.File(names)
	if err != nil {
		return Guard{}, err
	}
	g := Guard{SchemaVersion: SchemaVersion, Version: guard.Version, FileName: guard.FileName,
		Parts: []GuardPart{}, File: text}
	for _, p := range guard.Chosen(names) {
		g.Parts = append(g.Parts, GuardPart{
			Name: p.Name, Does: p.Does, Use: p.Use, Fixes: append([]string{}, p.Fixes...),
			Causes: append([]string{}, p.Causes...), Needs: append([]string{}, p.Needs...),
		})
	}
	return g, nil
}
