# Two stages: packages are installed where npm is, the result runs without it. Nothing is built: Node runs the TypeScript as it is.
#
#   docker build -t drawbridge .
#   docker run -p 8080:8080 -v drawbridge-data:/data -v ./drawbridge.yaml:/etc/drawbridge/drawbridge.yaml:ro --env-file secrets.env drawbridge
#
# In the configuration: `listen: { host: 0.0.0.0, port: 8080 }` and `store: file:/data/drawbridge.db` (or PostgreSQL).

FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# Optional packages bring a Node for machines whose own is too old; this image has the right one.
# No install scripts: the one native package ships its binaries.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:24-slim
ENV NODE_ENV=production
# So that `docker exec … node src/main.ts status` looks at the same house as the server.
ENV DRAWBRIDGE_CONFIG=/etc/drawbridge/drawbridge.yaml
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY bin ./bin
COPY scim-schemas ./scim-schemas
COPY src ./src

# Owned by root and read-only to the server; only /data is its own.
RUN mkdir /data /etc/drawbridge && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080

# /livez says that the process answers; /readyz is for the load balancer and also asks store and worker.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.DRAWBRIDGE_PORT ?? 8080}/livez`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]

# As a list, without a shell: SIGTERM reaches the server itself, and it finishes what is under way.
CMD ["node", "src/main.ts", "serve", "--config", "/etc/drawbridge/drawbridge.yaml"]
