#!/bin/sh
# Makes what the image of the bot holds: steps/bot.sh SOURCE TARGET, as steps/app.sh.
set -eu
source=$1 target=$2
. "$source/images/steps/node.sh"

install_to_build "$source"
(cd "$source" && npm run generate && npx tsc -p bot/tsconfig.build.json)
mkdir -p "$target/dist"
cp -R "$source/dist/bot" "$source/dist/domain" "$target/dist/"
install_to_run "$source" "$target" --workspace=bot
strip_packages "$target"
