# The guest in its browser: images/build bot
ARG NODE=docker.io/library/node:22.23.3-bookworm
ARG NODE_SLIM=docker.io/library/node:22.23.3-bookworm-slim
FROM ${NODE} AS build
COPY . /source
RUN sh /source/images/steps/bot.sh /source /out/app

FROM ${NODE_SLIM}
RUN apt-get update \
    && apt-get install --yes --no-install-recommends chromium fonts-liberation \
    && rm -rf /var/lib/apt/lists/* /usr/share/doc /usr/share/man
ENV NODE_ENV=production HOME=/tmp BOT_CHROMIUM_PATH=/usr/bin/chromium
COPY --from=build /out /
WORKDIR /app
USER 10001:10001
CMD ["node", "--enable-source-maps", "dist/bot/src/main.js"]
