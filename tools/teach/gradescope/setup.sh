#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image: Node, the packages that grading
# needs, bubblewrap. Everything comes through apt and npm. Run again, it does what is left to do.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
umask 022
export DEBIAN_FRONTEND=noninteractive

# Node 25 and later can keep a program from the network, which older ones cannot.
NODE=26.12.1
NPM=11.21.2
case "$(uname -m)" in
  x86_64) machine=x64 ;;
  aarch64 | arm64) machine=arm64 ;;
  *)
    echo "setup.sh: expected an x86_64 or arm64 machine, got $(uname -m)" >&2
    exit 1
    ;;
esac

# The distribution's npm needs the distribution's Node, which is too old (Ubuntu 22.04: 12): it
# fetches the Node that is used. Without bubblewrap the autograder has a weaker sandbox.
missing=()
command -v npm >/dev/null || missing+=(npm)
command -v bwrap >/dev/null || missing+=(bubblewrap)
dpkg -s libatomic1 >/dev/null 2>&1 || missing+=(libatomic1) # Node stands on it
if [ "${#missing[@]}" -gt 0 ]; then
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi
mkdir -p node bin
[ -f node/package.json ] || echo '{ "private": true }' >node/package.json
quiet=(--ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error)
(cd node && npm install --save-exact "${quiet[@]}" "node-linux-$machine@$NODE" "npm@$NPM")
ln -sfn "../node/node_modules/node-linux-$machine/bin/node" bin/node
PATH="$PWD/bin:$PATH"
(cd course && node ../node/node_modules/npm/bin/npm-cli.js ci "${quiet[@]}")
node --version

# Answers and tests are nobody else's to read: where bubblewrap is not allowed, submissions run as
# another user. There is a way through to Node and to the packages, and nothing to list.
chmod -R go= course/*.json course/dist course/exercises course/solutions course/src course/test \
  course/tools
[ ! -d course/private ] || chmod -R go= course/private
chmod 711 . course
echo "setup.sh: done. $(du -sh . | cut -f1)"
