"""Notebooks as text, and running them. A notebook's only source is its .ipynb; this makes it
pleasant to write.

    npm run notebook -- text 06-attention         print the text form
    npm run notebook -- write 06-attention FILE   make the .ipynb from a text form; outputs of
                                                  unchanged cells are kept
    npm run notebook -- run 06-attention          execute from top to bottom, in place or to
                                                  [--out FILE]; [--timeout 600]; the kernel starts
                                                  beside the notebook or in [--cwd FOLDER]; in place
                                                  and at smoke size, the calls of the exercises are
                                                  recorded (calls.mjs); [--calls check]
    npm run notebook -- place 06-attention        with JSON on stdin: set metadata `llm`, and put
                                                  text cells at their places (for sync.mjs)

In the text form a cell begins with "%% md cell-id" or "%% ts cell-id". After the id of a code cell,
"folded" hides its code until the reader opens it, and "output-folded" hides its saved output until
the reader opens it or runs the cell. A first line "%% meta {…}" holds the metadata `llm` of the
notebook (lesson, title, megabytes). Title, links to other lessons and the header's running time are
put in by `npm run lesson -- sync`.

`run` also notes in the metadata what it ran: `llm.ran`, the digest of the code, the seconds and the
size; in place, it puts the running time into the header (sync.mjs). The text form leaves `llm.ran`
out, and `write` keeps the old one: outputs are never newer than that.
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).resolve().parents[2]
KERNEL = {"name": "tslab", "display_name": "TypeScript", "language": "typescript"}
# As tslab's kernel describes itself: JupyterLab writes that into the file, and would call it
# changed as soon as it is opened.
LANGUAGE = {
    "name": "typescript",
    "file_extension": ".ts",
    "mimetype": "text/typescript",
    "codemirror_mode": {"mode": "typescript", "name": "javascript", "typescript": True},
    "version": "3.7.2",
}


def path_of(lesson):
    files = json.loads((ROOT / "src/course/register.json").read_text(encoding="utf8"))["files"]
    return Path(lesson) if lesson.endswith(".ipynb") else ROOT / files["notebook"].format(id=lesson)


# What the text form calls each of JupyterLab's two ways to fold a code cell.
FOLDS = {"folded": "source_hidden", "output-folded": "outputs_hidden"}


def head_of(cell):
    if cell.cell_type == "markdown":
        return f"%% md {cell.id}"
    folds = [word for word, key in FOLDS.items() if cell.metadata.get("jupyter", {}).get(key)]
    return " ".join(["%% ts", cell.id, *folds])


def to_text(nb):
    llm = {key: value for key, value in nb.metadata.get("llm", {}).items() if key != "ran"}
    parts = ["%% meta " + json.dumps(llm, ensure_ascii=False)]
    for cell in nb.cells:
        parts.append(f"{head_of(cell)}\n{cell.source.rstrip()}\n")
    return "\n".join(parts)


def read_head(head):
    """The kind, the id and the folds of a cell's first line; ends the program if it is wrong."""
    kind, identifier, *folds = head.split() if " " in head else [head, ""]
    known = all(word in FOLDS and kind == "ts" for word in folds)
    in_words = re.fullmatch(r"[a-z0-9][a-z0-9-]{1,63}", identifier)
    if kind not in ("md", "ts") or not known or not in_words:
        sys.exit(
            "notebook.py: expected '%% md cell-id' or '%% ts cell-id' (lower case, digits, "
            "dashes), a code cell with 'folded' or 'output-folded' after its id, "
            f"got '%% {head}'"
        )
    return kind, identifier, folds


def from_text(text, old=None):
    kept = {c.id: c for c in old.cells} if old else {}
    nb = nbformat.v4.new_notebook()
    nb.metadata = {"kernelspec": KERNEL, "language_info": LANGUAGE, "llm": {}}
    seen = set()
    for block in re.split(r"^%% ", text, flags=re.M)[1:]:
        head, _, body = block.partition("\n")
        if head.startswith("meta"):
            nb.metadata["llm"] = json.loads(head.removeprefix("meta"))
            continue
        kind, rest, folds = read_head(head.strip())
        if rest in seen:
            sys.exit(f"notebook.py: expected every cell id once, got '{rest}' twice")
        seen.add(rest)
        source = body.strip("\n")
        new = nbformat.v4.new_markdown_cell if kind == "md" else nbformat.v4.new_code_cell
        cell = new(source, id=rest)
        if folds:
            cell.metadata["jupyter"] = {FOLDS[word]: True for word in folds}
        before = kept.get(rest)
        if (
            kind == "ts"
            and before is not None
            and before.cell_type == "code"
            and before.source == source
        ):
            cell.outputs, cell.execution_count = before.outputs, before.execution_count
        nb.cells.append(cell)
    ran = old.metadata.get("llm", {}).get("ran") if old else None
    nb.metadata["llm"].pop("ran", None)
    if ran:
        nb.metadata["llm"]["ran"] = ran
    nb.nbformat, nb.nbformat_minor = 4, 5
    nbformat.validate(nb)
    return nb


def digest_of(nb):
    """A digest of the code, as digest.mjs makes it."""
    sources = [c.source for c in nb.cells if c.cell_type == "code" and c.source.strip()]
    return hashlib.sha256("\n".join(sources).encode()).hexdigest()[:16]


def note_run(nb, seconds):
    """Notes what was run. The seconds of the same code stay as they were noted while the new ones
    are within a factor of 1.5: what only says how busy a machine was makes no diff.
    """
    ran = {
        "digest": digest_of(nb),
        "seconds": max(1, round(seconds)),
        "size": os.environ.get("LLM_SIZE") or "smoke",
    }
    llm = nb.metadata.setdefault("llm", {})
    old = llm.get("ran", {})
    same = old.get("digest") == ran["digest"] and old.get("size") == ran["size"]
    if same and ran["seconds"] / 1.5 <= old.get("seconds", 0) <= ran["seconds"] * 1.5:
        ran["seconds"] = old["seconds"]
    llm["ran"] = ran


def tidy(nb):
    """What differs from run to run and says nothing to a reader is taken out, so that diffs stay
    small.
    """
    for cell in nb.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            output.pop("transient", None)
    nb.metadata["kernelspec"], nb.metadata["language_info"] = KERNEL, LANGUAGE
    return nb


def place(nb, wanted):
    """Puts text cells where they belong: `at` is 0 for the first cell, 1 for the second, -1 for the
    last; without `at`, a cell stays where it is and gets a new text.
    """
    nb.metadata["llm"] = wanted["llm"]
    for new in wanted["cells"]:
        old = next((cell for cell in nb.cells if cell.id == new["id"]), None)
        if "at" not in new:
            old.source = new["source"]
            continue
        cell = old or nbformat.v4.new_markdown_cell(id=new["id"])
        if old is not None:
            nb.cells.remove(old)
        cell.source = new["source"]
        nb.cells.insert(new["at"] if new["at"] >= 0 else len(nb.cells), cell)
    nbformat.validate(nb)
    return nb


def write_atomically(nb, path):
    temporary = path.with_suffix(".ipynb.tmp")
    nbformat.write(nb, temporary)
    os.replace(temporary, path)


def record_to(file):
    """Has the kernel's Node write down which calls of the exercises' functions the cells make."""
    recorder = (ROOT / "tools/lesson/recorder.cjs").as_posix()
    options = os.environ.get("NODE_OPTIONS", "")
    os.environ["NODE_OPTIONS"] = f'{options} --require "{recorder}"'.strip()
    os.environ["LLM_CALLS"] = str(file)
    return options


def run(path, out, timeout, kernel_name="tslab", calls="none", cwd=None):
    if calls == "none":
        return execute(path, out, timeout, kernel_name, cwd)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "calls.jsonl"
        options = record_to(file)
        status = execute(path, out, timeout, kernel_name, cwd)
        os.environ["NODE_OPTIONS"] = options
        if status:
            return status
        settle = ["node", str(ROOT / "tools/lesson/calls.mjs"), calls, path.stem, str(file)]
        return subprocess.run(settle, cwd=ROOT).returncode


def execute(path, out, timeout, kernel_name, cwd=None):
    os.environ["LLM_ORIGINALS"] = "1"  # an author's own answers are none of the course's outputs
    os.environ["JUPYTER_PATH"] = os.environ.get("LLM_TEST_JUPYTER_PATH", str(ROOT / "jupyter"))
    nb = nbformat.read(path, as_version=4)
    client = NotebookClient(
        nb,
        timeout=timeout,
        kernel_name=kernel_name,
        coalesce_streams=True,
        resources={"metadata": {"path": cwd or str(path.parent)}},
        record_timing=False,
    )
    start = time.time()
    try:
        client.execute()
    except CellExecutionError as error:
        failed = next(
            (c for c in nb.cells if any(o.output_type == "error" for o in c.get("outputs", []))),
            None,
        )
        print(
            f"{path.name}: cell {failed.id if failed else '?'} failed after "
            f"{time.time() - start:.0f} s\n{error}",
            file=sys.stderr,
        )
        return 1
    skipped = [
        c.id
        for c in nb.cells
        if c.cell_type == "code" and c.source.strip() and c.execution_count is None
    ]
    if skipped:
        print(
            f"{path.name}: cells that the kernel never ran: {', '.join(skipped)}", file=sys.stderr
        )
        return 1
    note_run(nb, time.time() - start)
    write_atomically(tidy(nb), out)
    size = out.stat().st_size / 1e6
    print(
        f"{path.name}: {sum(c.cell_type == 'code' for c in nb.cells)} cells in "
        f"{time.time() - start:.0f} s, {size:.2f} MB"
    )
    return (
        0
        if size < 1
        else (print(f"{path.name}: expected at most 1 MB, got {size:.2f}", file=sys.stderr) or 1)
    )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("verb", choices=["text", "write", "run", "place"])
    parser.add_argument("lesson")
    parser.add_argument("file", nargs="?")
    parser.add_argument("--out")
    parser.add_argument("--cwd")
    parser.add_argument("--timeout", type=int, default=600)
    parser.add_argument("--kernel", default="tslab")
    parser.add_argument("--calls", choices=["write", "check", "none"])
    a = parser.parse_args()
    path = path_of(a.lesson)
    if a.verb == "text":
        print(to_text(nbformat.read(path, as_version=4)))
    elif a.verb == "write":
        old = nbformat.read(path, as_version=4) if path.exists() else None
        write_atomically(from_text(Path(a.file).read_text(encoding="utf8"), old), path)
    elif a.verb == "place":
        nb = nbformat.read(path, as_version=4)
        write_atomically(place(nb, json.load(sys.stdin)), path)
    else:
        in_place = not a.out and not a.lesson.endswith(".ipynb")
        smoke = os.environ.get("LLM_SIZE") in (None, "", "smoke")
        calls = a.calls or ("write" if in_place and smoke else "none")
        out = Path(a.out) if a.out else path.resolve()
        status = run(path.resolve(), out, a.timeout, a.kernel, calls, a.cwd)
        if in_place and status == 0:
            sync = ["node", str(ROOT / "tools/lesson/sync.mjs"), path.stem]
            status = subprocess.run(sync).returncode
        sys.exit(status)


if __name__ == "__main__":
    main()
