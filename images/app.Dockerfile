# API and workers, one program each: images/build app
ARG NODE=docker.io/library/node:22.23.3-bookworm
ARG NODE_SLIM=docker.io/library/node:22.23.3-bookworm-slim
FROM ${NODE} AS build
RUN apt-get update && apt-get install --yes --no-install-recommends python3-pip
COPY images/steps/ffmpeg.sh /steps/
RUN sh /steps/ffmpeg.sh /out/usr/local/bin/ffmpeg
COPY . /source
RUN sh /source/images/steps/app.sh /source /out/app

FROM ${NODE_SLIM}
ENV NODE_ENV=production HOME=/tmp
COPY --from=build /out /
WORKDIR /app
USER 10001:10001
EXPOSE 8000 8001
CMD ["node", "--enable-source-maps", "dist/api/server.js"]
