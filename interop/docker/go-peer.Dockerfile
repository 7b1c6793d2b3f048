# The interop suite's Go peer, for `docker-compose build` with images from a registry. FLAVOUR: mac or hash.
ARG GO_IMAGE=golang:1.26
FROM ${GO_IMAGE} AS build
ARG FLAVOUR=mac
WORKDIR /go-peer
COPY interop/go-peer ./
RUN if [ "$FLAVOUR" = hash ]; then tags="peer_name_alternative peer_name_hash"; fi && \
    CGO_ENABLED=0 go build -trimpath -tags "$tags" -o /program .

FROM scratch
COPY --from=build /program /program
ENTRYPOINT ["/program"]
