// Where a worker process begins. Plain JavaScript, because a process is started by its file's name,
// from src/ in tests as from dist/. What it does is in ./work.
require("./work").work();
