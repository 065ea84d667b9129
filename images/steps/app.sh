#!/bin/sh
# Makes what the image of API and workers holds: steps/app.sh SOURCE TARGET.
# SOURCE is a clean checkout and is built in; TARGET becomes /app.
set -eu
source=$1 target=$2
. "$source/images/steps/node.sh"

install_to_build "$source"
(cd "$source" && npm run build)
mkdir -p "$target/prisma"
cp -R "$source/dist" "$target/dist"
rm -rf "$target/dist/bot"
cp -R "$source/prisma/migrations" "$target/prisma/migrations"
install_to_run "$source" "$target" --workspaces=false
# Temporal's native part comes for every machine there is
keep_native_of_this_machine "$target"
strip_packages "$target"
