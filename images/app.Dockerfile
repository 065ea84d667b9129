# API and workers, one program each: images/build app
FROM docker.io/library/node:22.23.3-bookworm AS build
RUN apt-get update && apt-get install --yes --no-install-recommends python3-pip
COPY images/steps/ffmpeg.sh /steps/
RUN sh /steps/ffmpeg.sh /out/usr/local/bin/ffmpeg
COPY . /source
RUN sh /source/images/steps/app.sh /source /out/app

FROM docker.io/library/node:22.23.3-bookworm-slim
ENV NODE_ENV=production HOME=/tmp
COPY --from=build /out /
WORKDIR /app
USER 10001:10001
EXPOSE 8000 8001
CMD ["node", "--enable-source-maps", "dist/api/server.js"]
