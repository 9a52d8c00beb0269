#!/bin/sh
# What a hub starts for each learner, in place of `jupyterhub-singleuser`: makes or renews the
# learner's folder, then becomes JupyterLab on it. LLM_HUB_PYTHON names a Python that has both
# JupyterLab and JupyterHub; in the image it is the course's own.
set -e
course=$(cd "$(dirname "$0")/../.." && pwd -P)
unset LLM_ORIGINALS
export LLM_ROOT="${LLM_ROOT:-$HOME/course}"
# A start that fails, on a full disk for instance, must not shut out those who come to make room.
node "$course/tools/hub/home.mjs" || [ -d "$LLM_ROOT/my-course" ]
export JUPYTER_PATH="$course/jupyter${JUPYTER_PATH:+:$JUPYTER_PATH}"
export JUPYTER_CONFIG_PATH="$course/jupyter/config${JUPYTER_CONFIG_PATH:+:$JUPYTER_CONFIG_PATH}"
# In a container or a trial one may be root; the hub asks for a login all the same.
[ "$(id -u)" != 0 ] || set -- --allow-root "$@"
cd "$LLM_ROOT"
exec "${LLM_HUB_PYTHON:-$course/.venv/bin/python}" -m jupyterhub.singleuser \
  --ServerApp.root_dir="$LLM_ROOT/my-course" "$@"
