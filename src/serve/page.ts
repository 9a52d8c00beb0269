// The chat page: one file without anything from elsewhere. It asks the server's own API as any client
// would. Usable by keyboard alone (Enter sends, Shift+Enter makes a line, Escape stops), told to screen
// readers as a log, light or dark as the reader's system is. It says that an AI system answers, as
// Article 50 of the EU's AI Act (Regulation (EU) 2024/1689) asks of systems that talk with people.
import { markdownToHtml } from "./markdown";

const style = `
:root { color-scheme: light dark; --line: light-dark(#d5d5dc, #3b3d45);
  --soft: light-dark(#f4f4f7, #22242b);
  --ink: light-dark(#1c1d21, #e8e8ec); --paper: light-dark(#fff, #17181c);
  --accent: light-dark(#2457c5, #8ab0ff);
  --faint: light-dark(#5c5f69, #a2a6b3); --bad: light-dark(#a02020, #ff9c94); }
* { box-sizing: border-box; }
body { margin: 0; height: 100dvh; display: flex; flex-direction: column; background: var(--paper);
  color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
header, form, #ai, #log > * { width: min(46rem, 100% - 2rem); margin-inline: auto; }
header { display: flex; gap: 1rem; align-items: baseline; padding-block: .7rem; }
h1 { font-size: 1rem; margin: 0; } header span { color: var(--faint); font-size: .85rem; flex: 1; }
main { flex: 1; overflow-y: auto; border-block: 1px solid var(--line); }
#log { padding-block: 1rem; min-height: 100%; }
.turn { margin-block: .9rem; } .who { font-size: .8rem; color: var(--faint); margin: 0 0 .15rem; }
.user .text { background: var(--soft); border-radius: .7rem;
  padding: .5rem .9rem; white-space: pre-wrap; }
.text > :first-child { margin-top: 0; } .text > :last-child { margin-bottom: 0; }
.text pre { overflow-x: auto; background: var(--soft); padding: .7rem .9rem; border-radius: .5rem; }
code { font-family: ui-monospace, monospace; font-size: .92em; } a { color: var(--accent); }
.failed .text { color: var(--bad); } .note { color: var(--faint); font-size: .8rem; margin: .2rem 0 0; }
form { display: flex; gap: .6rem; padding-block: .8rem; align-items: end; }
textarea { flex: 1; resize: none; font: inherit; color: inherit;
  background: var(--paper); padding: .55rem .8rem;
  border: 1px solid var(--line); border-radius: .7rem; max-height: 12rem; }
button { font: inherit; padding: .5rem 1rem; border: 1px solid var(--line); border-radius: .7rem;
  background: var(--soft); color: inherit; cursor: pointer; }
button:disabled { opacity: .5; cursor: default; }
:is(textarea, button, a, summary, input, main):focus-visible {
  outline: 2px solid var(--accent); outline-offset: 2px; }
details { font-size: .85rem; color: var(--faint); }
details label { display: block; margin-block: .4rem; }
details input { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line);
  border-radius: .4rem; padding: .2rem .4rem; }
.empty { color: var(--faint); }
#ai { color: var(--faint); font-size: .85rem; margin-block: 0 .7rem; }
`;

const body = `
<header><h1>Chat</h1><span id="model"></span>
<details><summary>Settings</summary>
<label>Temperature <input id="temperature" type="number" min="0" max="2" step="0.1" value="0.7"></label>
<label>Longest answer, tokens
<input id="most" type="number" min="1" max="4096" placeholder="as there is room"></label>
<label>Key <input id="key" type="password" autocomplete="off" placeholder="none"></label>
</details>
<button type="button" id="fresh">New chat</button></header>
<main tabindex="0" aria-label="Conversation">
<div id="log" role="log" aria-live="polite" aria-busy="false">
<p class="empty">Ask something. The model runs on this computer.</p></div></main>
<form>
<textarea id="say" rows="1" aria-label="Your message" aria-describedby="ai"
placeholder="Your message" autofocus></textarea>
<button id="send">Send</button><button type="button" id="stop" disabled>Stop</button></form>
<p id="ai">You are talking to an AI system, not to a person. Its answers can be wrong.</p>
`;

const script = `
"use strict";
const $ = (id) => document.getElementById(id);
const [log, say] = [$("log"), $("say")];
const [main, form] = [document.querySelector("main"), document.querySelector("form")];
let messages = [], giveUp;
$("model").textContent = MODEL;
function turn(kind, who) {
  log.querySelector(".empty")?.remove();
  const [box, name, text] = ["div", "p", "div"].map((tag) => document.createElement(tag));
  box.className = "turn " + kind; name.className = "who"; name.textContent = who;
  text.className = "text";
  box.append(name, text); log.append(box); down();
  return { box, text };
}
function note(box, words) {
  const line = document.createElement("p");
  line.className = "note"; line.textContent = words; box.append(line); down();
}
const down = () => { main.scrollTop = main.scrollHeight; };
function busy(is) {
  log.setAttribute("aria-busy", String(is)); // a screen reader waits for the whole answer
  $("send").disabled = is; $("stop").disabled = !is;
}
async function* events(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = "";;) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\\n\\n");
    rest = parts.pop();
    for (const part of parts) {
      const data = part.replace(/^data: ?/, "");
      if (data === "[DONE]") return;
      yield JSON.parse(data);
    }
  }
}
async function answer(content) {
  turn("user", "You").text.textContent = content;
  messages.push({ role: "user", content });
  const { box, text } = turn("assistant", MODEL);
  giveUp = new AbortController();
  busy(true);
  let written = "", drawn = 0;
  const show = () => {
    drawn = 0; text.innerHTML = markdown(written); down(); // markdown() lets no element through
  };
  const headers = { "content-type": "application/json" };
  if ($("key").value) headers.authorization = "Bearer " + $("key").value;
  try {
    let response, leftOut = 0;
    for (;;) {
      response = await fetch("v1/chat/completions", { method: "POST", headers, signal: giveUp.signal,
        body: JSON.stringify({ model: "default", messages, stream: true,
          stream_options: { include_usage: true },
          temperature: Number($("temperature").value),
          max_tokens: Number($("most").value) || undefined }) });
      if (response.ok) break;
      const { error } = await response.json();
      if (error.code !== "context_length_exceeded" || messages.length < 3)
        throw new Error(error.message);
      messages.splice(0, 2); leftOut += 2; // the oldest question and its answer
    }
    if (leftOut) note(box, "the " + leftOut + " oldest messages did not fit any more");
    let why;
    for await (const chunk of events(response.body)) {
      if (chunk.error) throw new Error(chunk.error.message);
      written += chunk.choices[0]?.delta?.content ?? "";
      why = chunk.choices[0]?.finish_reason ?? why;
      drawn ||= requestAnimationFrame(show);
      if (chunk.usage) note(box, chunk.usage.completion_tokens + " tokens" +
        (why === "length" ? ", the longest allowed" : ""));
    }
    messages.push({ role: "assistant", content: written });
  } catch (error) {
    if (error.name === "AbortError") {
      note(box, "stopped"); messages.push({ role: "assistant", content: written });
    } else {
      box.classList.add("failed"); messages.pop(); written = written || String(error.message);
      note(box, "The answer failed. Your message is below, to be sent again.");
      say.value = content; grow();
    }
  }
  cancelAnimationFrame(drawn); show(); busy(false); say.focus();
}
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const content = say.value.trim();
  if (content === "" || $("send").disabled) return;
  say.value = ""; grow(); answer(content);
});
say.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault(); form.requestSubmit();
  }
});
const grow = () => { say.style.height = "auto"; say.style.height = say.scrollHeight + 2 + "px"; };
say.addEventListener("input", grow);
document.addEventListener("keydown", (event) => { if (event.key === "Escape") giveUp?.abort(); });
$("stop").addEventListener("click", () => giveUp?.abort());
$("fresh").addEventListener("click", () => {
  giveUp?.abort(); messages = [];
  log.innerHTML = '<p class="empty">Ask something. The model runs on this computer.</p>'; say.focus();
});
`;

/** JSON as part of a script: "<" cannot end it. */
const inScript = (value: string) => JSON.stringify(value).replaceAll("<", "\\u003c");

/** @param model the model's name, as it is shown */
export const chatPage = (model: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Chat</title>` +
  `<meta name="viewport" content="width=device-width, initial-scale=1"><style>${style}</style></head>` +
  `<body>${body}<script>const MODEL = ${inScript(model)};\n` +
  `const markdown = ${markdownToHtml.toString()};\n${script}</script></body></html>`;
