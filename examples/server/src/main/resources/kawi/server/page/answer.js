// An answer on the page: rounds of a thought, a text and calls of tools, and a line of figures below them.

import { copyButton } from "./copy.js";
import { MarkdownView } from "./markdown.js";

const REASONS = { length: "cut off at the limit", content_filter: "filtered", stopped: "stopped" };

export class AnswerView {
  #article = element("article", "assistant busy");
  #figures = element("span", "figures");
  #foot = element("div", "foot");
  #regenerate = element("button", "regenerate", "Regenerate");
  #waiting = element("p", "waiting");
  #round = null;
  #frame = 0;
  #shown;

  /** @param shown called after something has been shown */
  constructor(conversation, shown) {
    this.#shown = shown;
    this.#article.setAttribute("aria-label", "Answer");
    this.#article.setAttribute("aria-busy", "true");
    this.#article.append(this.#waiting);
    conversation.append(this.#article);
  }

  remove() {
    cancelAnimationFrame(this.#frame);
    this.#article.remove();
  }

  /** Begins a round. What belongs to it is added when it first arrives. */
  begin() {
    this.#flush();
    this.#round = { thought: null, thinking: "", began: 0, text: null, markdown: null, content: "", calls: [] };
    this.#article.append(this.#waiting);
  }

  think(piece) {
    const round = this.#round;
    if (!round.thought) {
      round.thought = element("details", "thought");
      round.began = performance.now();
      round.thought.append(element("summary", "", "Thinking…"), element("div", "body"));
      this.#add(round.thought);
    }
    round.thinking += piece;
    this.#later();
  }

  write(piece) {
    const round = this.#round;
    this.#endThought();
    if (!round.text) {
      round.text = element("div", "text");
      round.markdown = new MarkdownView(round.text);
      this.#add(round.text);
    }
    round.content += piece;
    this.#later();
  }

  /** Shows the calls of this round, each as {name, arguments}, as far as they have arrived. */
  call(calls) {
    this.#endThought();
    const shown = this.#round.calls;
    calls.forEach((call, index) => {
      if (!shown[index]) {
        const details = element("details", "tool");
        details.append(element("summary"), element("div", "body"));
        this.#add(details);
        shown[index] = details;
      }
      shown[index].firstChild.replaceChildren("Tool ", element("code", "", call.name || "…"));
      shown[index].lastChild.textContent = "Arguments: " + call.arguments;
    });
    this.#shown();
  }

  /** Shows the result of a call. */
  result(index, call, result) {
    const details = this.#round.calls[index];
    const brief = result.length > 60 ? result.slice(0, 60) + "…" : result;
    details.firstChild.replaceChildren("Tool ", element("code", "", call.name), " → ", element("code", "", brief));
    details.lastChild.textContent = `Arguments: ${call.arguments}\nResult: ${result}`;
    this.#shown();
  }

  /** Ends the answer with its figures, a reason to be told, its text to copy, and what generates it again. */
  end(figures, reason, text, regenerate) {
    this.#flush();
    this.#endThought();
    this.#waiting.remove();
    this.#article.classList.remove("busy");
    this.#article.setAttribute("aria-busy", "false");
    this.#figures.textContent = [figures, REASONS[reason]].filter(Boolean).join(" · ");
    this.#regenerate.type = "button";
    this.#regenerate.addEventListener("click", regenerate);
    this.#foot.append(this.#figures, ...(text ? [copyButton(() => text)] : []), this.#regenerate);
    this.#article.append(this.#foot);
    this.#shown();
  }

  /** Shows why there is no answer, or no more of it. */
  fail(message) {
    const failure = element("p", "failure", message);
    failure.setAttribute("role", "alert");
    this.#add(failure);
  }

  /** Takes away the button that applies to the last answer alone. */
  retire() {
    this.#regenerate.remove();
  }

  #add(node) {
    this.#waiting.remove();
    this.#article.append(node);
    this.#shown();
  }

  #endThought() {
    const round = this.#round;
    if (round?.thought && round.began) {
      const seconds = (performance.now() - round.began) / 1000;
      round.thought.firstChild.textContent = `Thought for ${seconds.toFixed(1)} s`;
      round.began = 0;
    }
  }

  /** Text is shown once a frame, however many pieces arrive in it. */
  #later() {
    this.#frame ||= requestAnimationFrame(() => this.#flush());
  }

  #flush() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const round = this.#round;
    if (round?.thought) {
      round.thought.lastChild.textContent = round.thinking.trim();
    }
    round?.markdown?.show(round.content);
    this.#shown();
  }
}

export function element(name, className = "", text = "") {
  const node = document.createElement(name);
  node.className = className;
  node.textContent = text;
  return node;
}
