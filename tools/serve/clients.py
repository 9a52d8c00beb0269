"""OpenAI's client for Python against `npm run serve`: a development check, not part of `npm test`.

    python -m venv /tmp/oai-venv && /tmp/oai-venv/bin/pip install openai
    npm run serve -- --model smollm2 --port 8001      # with npm run model minilm for the vectors
    npm run serve -- --model own --port 8002
    /tmp/oai-venv/bin/python tools/serve/clients.py http://127.0.0.1:8001 http://127.0.0.1:8002

Prints a line for each check, and ends with code 1 at the first that fails.
"""

import asyncio
import json
import sys
import time

import openai
from openai import AsyncOpenAI, OpenAI

smollm2, own = (f"{url}/v1" for url in sys.argv[1:3])
client = OpenAI(base_url=smollm2, api_key="any", max_retries=0)
small = OpenAI(base_url=own, api_key="any", max_retries=0)
asked = {
    "model": "default",
    "messages": [{"role": "user", "content": "Name a town in Spain."}],
    "temperature": 0,
    "max_tokens": 24,
    "seed": int(time.time()),  # so that no answer of an earlier run is kept
}
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of a town.",
        "parameters": {
            "type": "object",
            "properties": {"town": {"enum": ["Paris", "Rome"]}},
            "required": ["town"],
        },
    },
}


def passed(what, detail=""):
    print(f"ok  {what}  {detail}".rstrip())


def raises(kind, what, **change):
    try:
        client.chat.completions.create(**{**asked, **change})
    except kind as error:
        passed(f"{kind.__name__}: {what}", error.body["message"] if error.body else "")
        return
    raise AssertionError(f"expected {kind.__name__}: {what}")


pieces, usage = [], None
options = {"include_usage": True}
for chunk in client.chat.completions.create(**asked, stream=True, stream_options=options):
    usage = chunk.usage or usage
    if chunk.choices and chunk.choices[0].delta.content:
        pieces.append(chunk.choices[0].delta.content)
assert len(pieces) > 1 and usage.completion_tokens > 1
passed("chat, streamed", f"{len(pieces)} pieces")

whole = client.chat.completions.create(**asked)
text = whole.choices[0].message.content
assert text == "".join(pieces) and whole.usage.completion_tokens == usage.completion_tokens
passed("chat", repr(text))

# the client puts the answer together, and calls one that was cut an error
ended = {**asked, "stop": [text[8]]}
with client.chat.completions.stream(**ended) as stream:
    final = stream.get_final_completion()
assert final.choices[0].message.content == text[: text.index(text[8])]
passed("chat, the client's own helper for streams")

scored = client.chat.completions.create(**{**asked, "max_tokens": 3}, logprobs=True, top_logprobs=2)
tokens = scored.choices[0].logprobs.content
assert len(tokens) == 3 and all(len(one.top_logprobs) == 2 for one in tokens)
passed("log-probabilities", " ".join(one.token for one in tokens))

form = {"type": "json_schema", "json_schema": {"name": "town", "schema": {
    "type": "object",
    "properties": {"town": {"type": "string", "maxLength": 12}},
    "required": ["town"],
}}}
answer = client.chat.completions.create(**asked, response_format=form).choices[0].message.content
assert isinstance(json.loads(answer)["town"], str)
passed("a JSON schema", answer)

forced = {**asked, "max_tokens": 80, "tools": [WEATHER], "tool_choice": "required"}
call = client.chat.completions.create(**forced).choices[0]
assert call.finish_reason == "tool_calls"
assert json.loads(call.message.tool_calls[0].function.arguments)["town"] in ("Paris", "Rome")
passed("tools, required", call.message.tool_calls[0].function.arguments)

try:
    small.chat.completions.create(**forced)
    raise AssertionError("expected the course's own model to refuse tools")
except openai.BadRequestError as error:
    passed("tools are refused where the template knows none", error.body["message"])

line = client.completions.create(model="default", prompt="The whale", max_tokens=0, echo=True,
                                 logprobs=1).choices[0]
assert line.text == "The whale" and line.logprobs.token_logprobs[0] is None
passed("a prompt is scored", str(line.logprobs.token_logprobs))

models = [one.id for one in client.models.list()]
passed("models", ", ".join(models))
if "minilm" in models:
    made = client.embeddings.create(model="minilm", input=["a cat", "a kitten", "a tax form"])
    a, b, c = (one.embedding for one in made.data)
    dot = lambda x, y: sum(p * q for p, q in zip(x, y))
    assert len(a) == 384 and abs(dot(a, a) - 1) < 1e-5 and dot(a, b) > dot(a, c)
    passed("embeddings", f"{dot(a, b):.3f} > {dot(a, c):.3f}")
else:
    print("--  embeddings: MiniLM is not there (npm run model minilm)")

raises(openai.NotFoundError, "another model", model="gpt-4")
raises(openai.BadRequestError, "a temperature of 9", temperature=9)
raises(openai.BadRequestError, "a penalty that we have not", presence_penalty=1)
raises(openai.BadRequestError, "a text that is too long", max_tokens=100_000)


async def many():
    quick = AsyncOpenAI(base_url=own, api_key="any", max_retries=0)
    body = {**asked, "messages": [{"role": "user", "content": "What is 7 + 5?"}]}
    answers = await asyncio.gather(*(quick.chat.completions.create(**body) for _ in range(20)))
    return {one.choices[0].message.content for one in answers}


same = asyncio.run(many())
assert len(same) == 1, same
passed("20 at once", repr(same.pop()))
