# What the steps of the Node images share.

# Everything that building needs. No package may run a script of its own: none of them is needed.
install_to_build() {
  [ -n "${KEEP_PACKAGES:-}" ] && [ -d "$1/node_modules" ] && return 0
  (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund)
}

# What running needs, of the root or of one workspace, by the same lock file.
install_to_run() {
  for file in package.json package-lock.json; do cp "$1/$file" "$2/$file"; done
  for workspace in bot client web; do
    [ -f "$1/$workspace/package.json" ] || continue
    mkdir -p "$2/$workspace"
    cp "$1/$workspace/package.json" "$2/$workspace/package.json"
  done
  # peers and optional ones are for those who develop: Prisma's own program is one of them
  (cd "$2" && npm ci --omit=dev --omit=optional --omit=peer --ignore-scripts --no-audit --no-fund "$3")
}

keep_native_of_this_machine() {
  releases="$1/node_modules/@temporalio/core-bridge/releases"
  case "$(uname -m)" in
    x86_64) keep=x86_64-unknown-linux-gnu ;;
    aarch64) keep=aarch64-unknown-linux-gnu ;;
    *) return 0 ;;
  esac
  find "$releases" -mindepth 1 -maxdepth 1 ! -name "$keep" -exec rm -rf {} +
}

# Types, sources and documents of packages are read by nobody at run time.
strip_packages() {
  find "$1/node_modules" -type f \
    \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.ts.map' -o -name '*.js.map' -o -name '*.mjs.map' \) \
    -delete
  find "$1/node_modules" -type d \( -name test -o -name tests -o -name docs -o -name examples \) \
    -path '*/node_modules/*/*' -prune -exec sh -c \
    'for d; do [ -f "$d/package.json" ] || [ -f "$d/index.js" ] || rm -rf "$d"; done' sh {} +
}
