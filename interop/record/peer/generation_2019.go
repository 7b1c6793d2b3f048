//go:build !mesh2017 && !mesh2018

package main

// The generation of 2019-11-05.
const generation = "58dbcc3"
