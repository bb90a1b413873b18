package answer

// Version is what `gwdoctor version` prints.
type Version struct {
	SchemaVersion int    `json:"schemaVersion"`
	Name          string `json:"name"`
	Version       string `json:"version"`
	Commit        string `json:"commit,omitempty"`
	Date          string `json:"date,omitempty"` // of the commit
	Modified      bool   `json:"modified"`       // the tree had changes that no commit holds
	Go            string `json:"go"`
	Platform      string `json:"platform"`
}
