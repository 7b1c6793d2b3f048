# The interop suite's TypeScript peer. Inside the package's folder, it imports the package by its name.
FROM weave-mesh:local
COPY ts-peer /opt/weave-mesh/ts-peer
ENTRYPOINT ["node", "/opt/weave-mesh/ts-peer/ts-peer.js"]
