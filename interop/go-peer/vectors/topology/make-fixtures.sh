#!/bin/sh
# Asks the real library again and writes fixtures/topology anew. What the library draws itself (short IDs, neighbours) differs
# from run to run; the questions do not.
set -eu
cd "$(dirname "$0")"
out=../../../../fixtures/topology
hash='peer_name_alternative peer_name_hash'
mkdir -p "$out"
go run . names > "$out/peer-names-mac.json"
go run -tags "$hash" . names > "$out/peer-names-hash.json"
go run . routes | gzip -9n > "$out/routes.json.gz"
go run . updates | gzip -9n > "$out/updates-mac.json.gz"
go run -tags "$hash" . updates | gzip -9n > "$out/updates-hash.json.gz"
go run . neighbours | gzip -9n > "$out/neighbours.json.gz"
