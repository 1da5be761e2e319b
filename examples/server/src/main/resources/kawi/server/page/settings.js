// What the user has chosen. The key lives as long as the tab, other settings as long as the browser keeps them.

import { TOOLS } from "./tools.js";

const KEY = "kawi.key";
const FIELDS = ["system", "temperature", "max-tokens", "thinking"];
const CHECKS = ["tool-clock", "tool-calculator"];
const field = (id) => document.getElementById(id);

/** Fills in the form and keeps what is changed in it. */
export function bindSettings(keyChanged) {
  for (const id of FIELDS) {
    field(id).value = read(localStorage, "kawi." + id) ?? "";
    field(id).addEventListener("input", () => write(localStorage, "kawi." + id, field(id).value));
  }
  for (const id of CHECKS) {
    field(id).checked = read(localStorage, "kawi." + id) === "on";
    field(id).addEventListener("change", () => write(localStorage, "kawi." + id, field(id).checked ? "on" : ""));
  }
  const key = field("api-key");
  key.value = read(sessionStorage, KEY) ?? "";
  key.addEventListener("change", () => {
    write(sessionStorage, KEY, key.value.trim());
    keyChanged();
  });
}

export function apiKey() {
  return field("api-key").value.trim();
}

/** Returns a request with the settings. What is not set is left to the server. */
export function requestFor(model, messages) {
  const system = field("system").value.trim();
  const request = {
    model,
    messages: system ? [{ role: "system", content: system }, ...messages] : messages,
    stream: true,
    stream_options: { include_usage: true },
  };
  const temperature = field("temperature");
  if (temperature.value !== "" && temperature.validity.valid) {
    request.temperature = temperature.valueAsNumber;
  }
  const maxTokens = field("max-tokens");
  if (maxTokens.value !== "" && maxTokens.validity.valid) {
    request.max_tokens = maxTokens.valueAsNumber;
  }
  if (field("thinking").value) {
    request.chat_template_kwargs = { enable_thinking: field("thinking").value === "on" };
  }
  const tools = Object.keys(TOOLS).filter((name) => field("tool-" + name).checked);
  if (tools.length) {
    request.tools = tools.map((name) => TOOLS[name]);
  }
  return request;
}

function read(storage, name) {
  try {
    return storage.getItem(name);
  } catch {
    return null; // storage is turned off in this browser
  }
}

function write(storage, name, value) {
  try {
    if (value) {
      storage.setItem(name, value);
    } else {
      storage.removeItem(name);
    }
  } catch {
    // storage is turned off in this browser
  }
}
