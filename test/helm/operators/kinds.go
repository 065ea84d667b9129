//go:build kinds

// Pins the modules that the operators' kinds are made from; `go build` leaves this file out.
package main

import (
	_ "github.com/kedacore/keda/v2/version"
	_ "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
)
