//go:build mesh2018

package main

// The generation of 2018-03-23.
const generation = "0c91e69"
