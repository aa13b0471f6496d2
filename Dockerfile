# One image for the sidecar and for the steps: both programs and the migrations' launcher on Node.js 24.
#
#   docker build -t argocd-lifecycle-plugin:v0.1.0 .                     from the sources
#   docker build --build-arg DIST=prebuilt -t … .                        from dist/ as `make dist` left it
ARG BASE=node:24-bookworm-slim
ARG BUILDER=node:24-bookworm
ARG DIST=build

FROM ${BUILDER} AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN ["npm", "install", "--no-save", "--no-audit", "--no-fund"]
COPY . .
RUN ["node", "scripts/bundle.ts"]
RUN ["gcc", "-static", "-Os", "-o", "dist/run-unless", "plugin/steps/migrate/launcher/run-unless.c"]

FROM scratch AS prebuilt
COPY dist /src/dist

FROM ${DIST} AS dist

FROM ${BASE}
COPY --from=dist --chmod=755 /src/dist/lifecycle.cjs /usr/local/bin/lifecycle
COPY --from=dist --chmod=755 /src/dist/lifecycle-step.mjs /usr/local/bin/lifecycle-step
COPY --from=dist --chmod=755 /src/dist/run-unless /usr/local/lib/lifecycle/run-unless
# The compiled code is for the Node.js that built it; with another one in BASE, V8 compiles at each start.
COPY --from=dist --chmod=644 /src/dist/lifecycle-program.cjs /usr/local/lib/lifecycle/lifecycle-program.cjs
COPY --from=dist --chmod=644 /src/dist/lifecycle-program.cache /usr/local/lib/lifecycle/lifecycle-program.cache
COPY --from=dist --chmod=644 /src/dist/lifecycle-cluster.cjs /usr/local/lib/lifecycle/lifecycle-cluster.cjs
USER 999:999
ENTRYPOINT ["lifecycle"]
