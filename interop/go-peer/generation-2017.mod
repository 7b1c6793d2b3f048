module github.com/weave-mesh/weave-mesh/interop/go-peer

go 1.19

require (
	github.com/weaveworks/mesh v0.0.0-20170419100114-1f158d31de55
	golang.org/x/crypto v0.0.0-20191002192127-34f69633bfdc
)

require golang.org/x/sys v0.0.0-20190412213103-97732733099d // indirect
