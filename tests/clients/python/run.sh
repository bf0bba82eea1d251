# Sourced by ../run.sh in a copy of this folder.
{
  python3 -c 'import ensurepip' 2>/dev/null || packages python3-venv
  python3 -m venv "$CARGO_TARGET_DIR/tools/python"
  "$CARGO_TARGET_DIR/tools/python/bin/pip" install --quiet --disable-pip-version-check -r requirements.txt
  mkdir gen
  "$CARGO_TARGET_DIR/tools/python/bin/python" generate.py "$work/contract.binpb" gen
} >&2
PYTHONPATH=gen "$CARGO_TARGET_DIR/tools/python/bin/python" transcript.py "$ADDRESS"
