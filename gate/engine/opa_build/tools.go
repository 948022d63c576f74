//go:build tools

// Package tools pins the release of Open Policy Agent that `gate engine install` builds.
package tools

import _ "github.com/open-policy-agent/opa"
