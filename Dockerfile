# A small image whose entry point is weave-mesh:
#
#   docker build --tag weave-mesh .
#   docker run --rm --publish 6783:6783 weave-mesh join --peer 192.0.2.1 --password-file /run/secrets/mesh
#
# NODE_IMAGE may be any image with Node 20.19 or later and npm, on a Debian or another glibc system.
ARG NODE_IMAGE=node:20-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /opt/weave-mesh
COPY package.json package-lock.json .npmrc tsconfig.json tsconfig.build.json ./
COPY scripts ./scripts
COPY src ./src
RUN npm ci && npm prune --omit=dev && chmod +x dist/cli/main.js

FROM ${NODE_IMAGE}
COPY --from=build /opt/weave-mesh/package.json /opt/weave-mesh/
COPY --from=build /opt/weave-mesh/node_modules /opt/weave-mesh/node_modules
COPY --from=build /opt/weave-mesh/dist /opt/weave-mesh/dist
RUN ln -s /opt/weave-mesh/dist/cli/main.js /usr/local/bin/weave-mesh
USER 1000:1000
EXPOSE 6783
ENTRYPOINT ["weave-mesh"]
