// The conversation: messages in the form of the API, sent as a whole with each request, and the answers as they arrive.

import { AnswerView, element } from "./answer.js";
import { Images } from "./images.js";
import { apiKey, bindSettings, requestFor } from "./settings.js";
import { ApiError, objects, request } from "./stream.js";
import { run } from "./tools.js";

const MAX_TOOL_ROUNDS = 8;

const id = (name) => document.getElementById(name);
const scroller = id("scroller");
const conversation = id("conversation");
const message = id("message");
const send = id("send");
const clear = id("clear");
const model = id("model");
const images = new Images(id("images"), update);

/** Messages so far, as the API has them. */
let messages = [];
/** The view of the last answer. */
let last = null;
/** Aborts the answer that is being generated; null between answers. */
let running = null;
let atEnd = true;
/** The names of the models that see images. */
let seeing = new Set();

bindSettings(connect);
id("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  if (running) {
    running.abort();
  } else {
    submit();
  }
});
message.addEventListener("input", update);
message.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    if (!running) {
      submit();
    }
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && running && !id("settings").open) {
    running.abort();
  }
});
model.addEventListener("change", update);
id("attach").addEventListener("click", () => id("files").click());
id("files").addEventListener("change", () => {
  images.add(id("files").files);
  id("files").value = "";
  message.focus();
});
message.addEventListener("paste", (event) => attach(event, event.clipboardData));
document.addEventListener("dragover", (event) => {
  if (seeing.has(model.value)) {
    event.preventDefault();
  }
});
document.addEventListener("drop", (event) => attach(event, event.dataTransfer));
clear.addEventListener("click", () => {
  running?.abort();
  images.take();
  messages = [];
  last = null;
  conversation.replaceChildren();
  update();
  message.focus();
});
id("open-settings").addEventListener("click", () => id("settings").showModal());
scroller.addEventListener("scroll", () => {
  atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 40;
});
const connecting = connect();
update();

/** Asks the server for its models. */
async function connect() {
  try {
    const { data } = await (await request("v1/models", apiKey())).json();
    model.replaceChildren(...data.map((each) => new Option(each.id, each.id)));
    model.disabled = data.length < 2;
    const sees = (each) => each.architecture?.input_modalities?.includes("image");
    seeing = new Set(data.filter(sees).map((each) => each.id));
    document.title = data.length ? `${data[0].id} – Kawi` : "Kawi";
  } catch (e) {
    model.replaceChildren(new Option(e.status === 401 ? "an API key is required" : "the server does not answer", ""));
    if (e.status === 401 && !id("settings").open) {
      id("settings").showModal();
      id("api-key").focus();
    }
  }
  update();
}

function update() {
  id("welcome").hidden = conversation.hasChildNodes();
  clear.disabled = !conversation.hasChildNodes();
  send.textContent = running ? "Stop" : "Send";
  send.disabled = !running && message.value.trim() === "" && !images.count;
  id("attach").hidden = !seeing.has(model.value);
}

/** Adds pasted or dropped images to the message. */
function attach(event, data) {
  if (seeing.has(model.value) && images.add(data?.files ?? [])) {
    event.preventDefault();
  }
}

function submit() {
  const text = message.value.trim();
  if (!text && !images.count) {
    return;
  }
  message.value = "";
  const given = images.take();
  const parts = given.map((image) => ({ type: "image_url", image_url: { url: image.url } }));
  messages.push({ role: "user", content: given.length ? [...parts, { type: "text", text }] : text });
  const shown = element("article", "user", [...given.map((image) => `[${image.name}]`), text].join("\n").trim());
  shown.setAttribute("aria-label", "You");
  conversation.append(shown);
  atEnd = true;
  answer();
}

/** Answers the last message of the user again. */
function regenerate() {
  if (running) {
    return;
  }
  messages = messages.slice(0, messages.findLastIndex((each) => each.role === "user") + 1);
  last?.remove();
  answer();
  message.focus();
}

async function answer() {
  const abort = new AbortController();
  const asked = messages;
  running = abort;
  last?.retire();
  const view = new AnswerView(conversation, followEnd);
  last = view;
  update();
  id("status").textContent = "Answering";
  const figures = new Figures();
  let reason = "";
  let outcome = "The answer is complete";
  try {
    if (!model.value) {
      await connecting;
    }
    if (!model.value) {
      await connect();
    }
    for (let rounds = 1; ; rounds++) {
      view.begin();
      figures.begin();
      const reply = { role: "assistant", content: "" };
      reason = await receive(reply, view, figures, abort.signal, asked);
      if (reason !== "tool_calls" || !reply.tool_calls) {
        break;
      }
      reply.tool_calls.forEach((call, index) => {
        const result = run(call.function.name, call.function.arguments);
        view.result(index, call.function, result);
        asked.push({ role: "tool", tool_call_id: call.id, content: result });
      });
      if (rounds === MAX_TOOL_ROUNDS) {
        view.fail(`The model has called tools ${MAX_TOOL_ROUNDS} times without an answer.`);
        break;
      }
    }
  } catch (e) {
    reason = abort.signal.aborted ? "stopped" : "";
    outcome = abort.signal.aborted ? "Stopped" : "";
    if (!abort.signal.aborted) {
      view.fail(sentence(e));
    }
  }
  if (running === abort) {
    running = null;
    id("status").textContent = outcome;
  }
  if (asked === messages) {
    const text = asked.findLast((each) => each.role === "assistant")?.content ?? "";
    view.end(figures.text(), reason, text, regenerate);
  }
  update();
}

/** Receives one reply, adds it to the messages even if it is cut short, and returns its finish reason. */
async function receive(reply, view, figures, signal, asked) {
  const calls = [];
  let reason = "";
  try {
    const response = await request("v1/chat/completions", apiKey(), requestFor(model.value, asked), signal);
    for await (const chunk of objects(response)) {
      figures.use(chunk.usage);
      const choice = chunk.choices?.[0];
      const delta = choice?.delta ?? {};
      const thinking = delta.reasoning_content ?? delta.reasoning;
      if (thinking) {
        figures.piece();
        reply.reasoning_content = (reply.reasoning_content ?? "") + thinking;
        view.think(thinking);
      }
      if (delta.content) {
        figures.piece();
        reply.content += delta.content;
        view.write(delta.content);
      }
      for (const part of delta.tool_calls ?? []) {
        figures.piece();
        const call = (calls[part.index ?? 0] ??= { id: "", type: "function", function: { name: "", arguments: "" } });
        call.id += part.id ?? "";
        call.function.name += part.function?.name ?? "";
        call.function.arguments += part.function?.arguments ?? "";
      }
      if (delta.tool_calls) {
        view.call(calls.map((call) => call.function));
      }
      reason = choice?.finish_reason ?? reason;
    }
    if (calls.length) {
      reply.tool_calls = calls;
    }
    return reason;
  } finally {
    figures.end();
    if (reply.content || reply.reasoning_content || reply.tool_calls) {
      asked.push(reply);
    }
  }
}

/** Counts tokens and time. The time of a round is that from its first piece to its last. */
class Figures {
  #started = performance.now();
  #first = 0;
  #tokens = 0;
  #rateTokens = 0;
  #rateTime = 0;
  #exact = true;
  #round = null;

  begin() {
    this.#round = { pieces: 0, first: 0, last: 0, usage: null };
  }

  piece() {
    const now = performance.now();
    this.#first ||= now - this.#started;
    this.#round.first ||= now;
    this.#round.last = now;
    this.#round.pieces++;
  }

  use(usage) {
    this.#round.usage = usage ?? this.#round.usage;
  }

  end() {
    const round = this.#round;
    const tokens = round.usage?.completion_tokens ?? round.pieces;
    this.#exact &&= round.usage !== null;
    this.#tokens += tokens;
    if (tokens > 1) {
      this.#rateTokens += tokens - 1;
      this.#rateTime += (round.last - round.first) / 1000;
    }
  }

  text() {
    if (!this.#tokens) {
      return "";
    }
    const about = this.#exact ? "" : "about ";
    const parts = [`${about}${this.#tokens} ${this.#tokens === 1 ? "token" : "tokens"}`];
    if (this.#rateTime > 0) {
      parts.push(`${(this.#rateTokens / this.#rateTime).toFixed(1)} tokens/s`);
    }
    parts.push(`first after ${(this.#first / 1000).toFixed(1)} s`);
    return parts.join(" · ");
  }
}

function sentence(e) {
  if (!(e instanceof ApiError)) {
    return e instanceof TypeError ? "The server cannot be reached." : String(e.message ?? e);
  }
  switch (e.status) {
    case 401:
      return e.message + " Enter the API key in the settings.";
    case 429:
    case 503:
      return e.message + (e.retryAfter ? ` Try again in ${e.retryAfter} s.` : "");
    default:
      return e.message;
  }
}

/** Keeps the end of the conversation in view, unless the user has scrolled away from it. */
function followEnd() {
  if (atEnd) {
    scroller.scrollTop = scroller.scrollHeight;
  }
}
