# The page: images/build web
ARG NODE=docker.io/library/node:22.23.3-bookworm
ARG NODE_SLIM=docker.io/library/node:22.23.3-bookworm-slim
FROM ${NODE} AS build
COPY . /source
RUN sh /source/images/steps/web.sh /source /out/app

FROM ${NODE_SLIM}
ENV NODE_ENV=production HOME=/tmp HOSTNAME=0.0.0.0 PORT=3000
COPY --from=build /out /
WORKDIR /app
USER 10001:10001
EXPOSE 3000
CMD ["node", "web/server.js"]
