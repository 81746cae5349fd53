#!/usr/bin/env bash
# Runs a command as an ordinary user on a copy of this checkout; start it as root.
#
# An interpreter under a home folder that only root may enter is shown to that user in a mount
# namespace of its own: nothing on the machine changes.
set -euo pipefail

if [ "$(id -u)" -ne 0 ]; then
    exec "$@"   # already an ordinary user
fi

root=$(cd "$(dirname "$0")/.." && pwd)
copy=$(mktemp -d /var/tmp/as_user.XXXXXX)
trap 'rm -rf "$copy"' EXIT
chmod 755 "$copy"
user=65533

# The working tree without what can be rebuilt; .venv stays where it is and is only read.
tar -C "$root" --exclude=./.git --exclude=./.venv --exclude=./build --exclude=./grades -cf - . | tar -C "$copy" -xf -
mkdir "$copy/.home"
chown -R "$user:$user" "$copy"

export ROOT=$root COPY=$copy USER_ID=$user
unshare --mount --propagation private bash -euo pipefail -c '
    base=$("$ROOT/.venv/bin/python" -c "import sys; print(sys.base_prefix)")
    # Open each closed folder on the way to the interpreter, in this namespace only.
    path=""
    IFS=/ read -ra parts <<< "${base#/}"
    for part in "${parts[@]}"; do
        path="$path/$part"
        if [ "$(( 0$(stat -c %a "$path") & 1 ))" -eq 0 ]; then
            keep="$COPY/.home/base"
            mkdir -p "$keep"
            mount --bind "$base" "$keep"
            mount -t tmpfs -o mode=755 none "$path"
            mkdir -p "$base"
            mount --move "$keep" "$base" 2>/dev/null || mount --bind "$keep" "$base"
            break
        fi
    done
    # The editable install points at the checkout: put the copy in its place.
    mkdir "$COPY/.venv"
    mount --bind "$ROOT/.venv" "$COPY/.venv"
    mount --rbind "$COPY" "$ROOT"
    cd "$ROOT"
    exec setpriv --reuid="$USER_ID" --regid="$USER_ID" --clear-groups \
        env HOME="$ROOT/.home" PATH="$PATH" "$@"
' as_user "$@"
