#!/bin/sh
# Makes what the image of the page holds: steps/web.sh SOURCE TARGET, as steps/app.sh. Next copies
# the packages that the page's server needs beside it.
set -eu
source=$1 target=$2
. "$source/images/steps/node.sh"

install_to_build "$source"
(cd "$source" && npm run generate)
(cd "$source/web" && NODE_ENV=production NEXT_TELEMETRY_DISABLED=1 npx next build)
mkdir -p "$target"
cp -R "$source/web/.next/standalone/." "$target/"
cp -R "$source/web/.next/static" "$target/web/.next/static"
[ ! -d "$source/web/public" ] || cp -R "$source/web/public" "$target/web/public"
