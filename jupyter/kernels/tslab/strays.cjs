// Errors that belong to no cell: a promise that nobody awaited, a timer that throws. They are told
// and the kernel lives on. Libraries change that for the whole process (the wasm code of tfjs adds
// listeners which throw each such error once more, and Node then ends), so every listener is called
// from here and cannot end the kernel.
const EVENTS = {
  uncaughtException: "Uncaught error, outside of any cell",
  unhandledRejection: "A promise failed and nobody awaited it (a missing await?)",
};

/** @param tell gets what happened, in words, and the error; it must not throw */
function keepAlive(tell) {
  const emit = process.emit;
  process.emit = function (event, ...args) {
    if (!Object.hasOwn(EVENTS, event)) return emit.call(this, event, ...args);
    tell(EVENTS[event], args[0]);
    for (const listener of process.rawListeners(event)) {
      try {
        listener.apply(process, args);
      } catch (error) {
        if (error !== args[0]) tell(`A listener of "${event}" failed`, error);
      }
    }
    return true; // handled: Node does not end the process
  };
}

module.exports = { keepAlive };
