# shellcheck shell=bash
# Building with the presets of CMakePresets.json, into .seawall/build/<preset>.

build_dir() { echo "$SEAWALL_STATE_ROOT/build/$1"; }

# build PRESET [TARGET…]
build() {
  local preset=$1 dir
  shift
  dir=$(build_dir "$preset")
  step "Building ($preset)"
  (
    cd "$SEAWALL_ROOT"
    mkdir -p "$dir"
    [[ -f $dir/build.ninja ]] || cmake --preset "$preset" >"$dir.log" 2>&1 || {
      cat "$dir.log" >&2
      exit 1
    }
    ninja -C "$dir" -j"$(nproc)" "$@" >&2
  ) || die "the build failed; see above"
}
