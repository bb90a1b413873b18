package answer

// Demos is what `gwdoctor demo --list` prints.
type Demos struct {
	SchemaVersion int    `json:"schemaVersion"`
	Incidents     []Demo `json:"incidents"`
}

// Demo is a recorded incident that the program carries.
type Demo struct {
	Name string `json:"name"`
	What string `json:"what"` // what was done to the gateway
}
