# syntax=docker/dockerfile:1
# One image for the app and for the worker. Built by `docker build -t parley .`; see compose.yaml for how they run.

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build --chown=node:node /app ./
USER node
EXPOSE 3000
# In exec form and without npm, so that a stop signal reaches the app itself.
CMD ["node", "app/_http/server/serve.ts"]
# Whether this process lives; /api/ready would blame it for a worker that is away.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3000/api/health').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
