// Markdown as DOM nodes. Text of the model becomes text nodes and nothing else: there is no innerHTML, HTML in the text
// is shown as it is, images are not loaded, and only addresses with a harmless scheme become links.

import { copyButton } from "./copy.js";

const MAX_NESTING = 12;
const MAX_OPEN_MARKS = 40;
const SCHEMES = new Set(["http:", "https:", "mailto:"]);

const FENCE = /^ {0,3}(`{3,}|~{3,})[ \t]*([^`\s]*)[^`]*$/;
const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+|$)/;
const RULE = /^ {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$/;
const QUOTE = /^ {0,3}>[ ]?/;
const ITEM = /^( *)([-*+]|\d{1,9}[.)])(?:( {1,4})(?! )|( +|\t|$))/;
const TABLE_RULE = /^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;
const LINK = /!?\[([^[\]]*)\]\([ \t]*<?((?:[^\s<>()]|\([^\s<>()]*\))*)>?(?:[ \t]+"[^"]*")?[ \t]*\)/y;
const ADDRESS = /https?:\/\/[^\s<>"`]+/y;

/** Shows a growing text. Blocks that have not changed keep their nodes, so that a selection in them survives. */
export class MarkdownView {
  #container;
  #shown = [];

  constructor(container) {
    this.#container = container;
  }

  show(text) {
    const blocks = split(text.split("\n"));
    let same = 0;
    while (same < blocks.length && same < this.#shown.length && blocks[same].source === this.#shown[same].source) {
      same++;
    }
    for (const old of this.#shown.splice(same)) {
      old.node.remove();
    }
    for (const block of blocks.slice(same)) {
      const node = render(block, 0);
      this.#container.append(node);
      this.#shown.push({ source: block.source, node });
    }
  }
}

/** Splits lines into blocks: {kind, lines, source}, and what else the kind needs. */
function split(lines) {
  const blocks = [];
  let at = 0;
  while (at < lines.length) {
    if (isBlank(lines[at])) {
      at++;
      continue;
    }
    const [block, end] = blockAt(lines, at);
    block.source = block.kind + "\n" + lines.slice(at, end).join("\n");
    blocks.push(block);
    at = end;
  }
  return blocks;
}

function blockAt(lines, at) {
  const line = lines[at];
  const fence = FENCE.exec(line);
  if (fence) {
    const closing = new RegExp(`^ {0,3}${fence[1][0]}{${fence[1].length},}[ \\t]*$`);
    let end = at + 1;
    while (end < lines.length && !closing.test(lines[end])) {
      end++;
    }
    const code = lines.slice(at + 1, end).join("\n");
    return [{ kind: "code", language: fence[2], code }, Math.min(lines.length, end + 1)];
  }
  const heading = HEADING.exec(line);
  if (heading) {
    return [{ kind: "heading", level: heading[1].length, text: line.slice(heading[0].length).trim() }, at + 1];
  }
  if (RULE.test(line)) {
    return [{ kind: "rule" }, at + 1];
  }
  if (QUOTE.test(line)) {
    let end = at;
    while (end < lines.length && QUOTE.test(lines[end])) {
      end++;
    }
    return [{ kind: "quote", lines: lines.slice(at, end).map((quoted) => quoted.replace(QUOTE, "")) }, end];
  }
  if (ITEM.test(line)) {
    return list(lines, at);
  }
  if (line.includes("|") && at + 1 < lines.length && lines[at + 1].includes("-") && TABLE_RULE.test(lines[at + 1])
      && cells(line).length === cells(lines[at + 1]).length) {
    let end = at + 2;
    while (end < lines.length && lines[end].includes("|") && !isBlank(lines[end])) {
      end++;
    }
    return [{ kind: "table", rows: [line, ...lines.slice(at + 2, end)].map(cells) }, end];
  }
  let end = at + 1;
  while (end < lines.length && !isBlank(lines[end]) && !startsBlock(lines[end])) {
    end++;
  }
  return [{ kind: "paragraph", text: lines.slice(at, end).map((each) => each.trimStart()).join("\n").trimEnd() }, end];
}

function list(lines, at) {
  const first = ITEM.exec(lines[at]);
  const ordered = first[2].length > 1;
  const items = [];
  let end = at;
  while (end < lines.length) {
    const marker = ITEM.exec(lines[end]);
    if (!marker || marker[2].length > 1 !== ordered || RULE.test(lines[end])) {
      break;
    }
    const indent = marker[1].length + marker[2].length + (marker[3]?.length ?? 1);
    const item = [lines[end].slice(marker[0].length)];
    end++;
    while (end < lines.length) {
      const next = lines[end];
      if (isBlank(next)) {
        // Blank lines belong to the item if what follows is indented.
        let after = end + 1;
        while (after < lines.length && isBlank(lines[after])) {
          after++;
        }
        if (after === lines.length || indentation(lines[after]) < Math.min(indent, marker[1].length + 2)) {
          break;
        }
        item.push(...Array(after - end).fill(""));
        end = after - 1;
      } else if (indentation(next) >= Math.min(indent, marker[1].length + 2)) {
        item.push(next.slice(Math.min(indent, indentation(next))));
      } else if (ITEM.test(next) || startsBlock(next) || item.at(-1) === "") {
        break;
      } else {
        item.push(next);
      }
      end++;
    }
    items.push(item);
    while (end < lines.length && isBlank(lines[end]) && end + 1 < lines.length && ITEM.test(lines[end + 1])) {
      end++;
    }
  }
  return [{ kind: "list", ordered, start: ordered ? parseInt(first[2], 10) : 1, items }, end];
}

function startsBlock(line) {
  return FENCE.test(line) || HEADING.test(line) || RULE.test(line) || QUOTE.test(line) || ITEM.test(line);
}

function isBlank(line) {
  return line.trim() === "";
}

function indentation(line) {
  return line.length - line.trimStart().length;
}

function cells(row) {
  const trimmed = row.trim().replace(/^\|/, "").replace(/(?<!\\)\|$/, "");
  return trimmed.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function render(block, depth) {
  switch (block.kind) {
    case "code":
      return code(block);
    case "heading":
      return element("h" + block.level, ...inline(block.text));
    case "rule":
      return element("hr");
    case "quote":
      return element("blockquote", ...nested(block.lines, depth));
    case "list": {
      const node = element(block.ordered ? "ol" : "ul");
      if (block.start !== 1) {
        node.start = block.start;
      }
      for (const item of block.items) {
        const content = nested(item, depth);
        if (content[0]?.localName === "p") {
          content.splice(0, 1, ...content[0].childNodes);
        }
        node.append(element("li", ...content));
      }
      return node;
    }
    case "table": {
      const [head, ...rows] = block.rows;
      const row = (name, texts) => element("tr", ...head.map((_, column) => {
        const cell = element(name, ...inline(texts[column] ?? ""));
        if (name === "th") {
          cell.scope = "col";
        }
        return cell;
      }));
      const body = rows.map((each) => row("td", each));
      const table = element("table", element("thead", row("th", head)), element("tbody", ...body));
      const frame = element("div", table);
      frame.className = "table";
      return frame;
    }
    default:
      return element("p", ...inline(block.text));
  }
}

function nested(lines, depth) {
  return depth < MAX_NESTING
    ? split(lines).map((block) => render(block, depth + 1))
    : [element("p", lines.join("\n"))];
}

function code(block) {
  const text = element("code", block.code);
  const pre = element("pre", text);
  pre.tabIndex = 0;
  const caption = element("figcaption", element("span", block.language || "text"), copyButton(() => block.code));
  return element("figure", caption, pre);
}

/**
 * The nodes of a line. Marks of emphasis are opened and closed with a stack of bounded depth, so that the time is
 * proportional to the length of the text, whatever it is.
 */
function inline(text) {
  const pieces = [];
  const open = [];
  const unclosed = new Set();
  let plain = "";
  const flush = () => {
    if (plain) {
      pieces.push(document.createTextNode(plain));
      plain = "";
    }
  };
  const push = (node) => {
    flush();
    pieces.push(node);
  };
  let at = 0;
  while (at < text.length) {
    const c = text[at];
    if (c === "\\" && /[!-/:-@[-`{-~]/.test(text[at + 1] ?? "")) {
      plain += text[at + 1];
      at += 2;
    } else if (c === "\n") {
      plain = plain.replace(/ {1,8}$/, "");
      push(element("br"));
      at++;
    } else if (c === "`") {
      const run = runAt(text, at);
      const end = unclosed.has(run) ? -1 : closingRun(text, at + run, run);
      if (end < 0) {
        unclosed.add(run);
        plain += text.slice(at, at + run);
        at += run;
      } else {
        const content = text.slice(at + run, end).replaceAll("\n", " ");
        push(element("code", /^ .*[^ ].* $/.test(content) ? content.slice(1, -1) : content));
        at = end + run;
      }
    } else if (c === "[" || (c === "!" && text[at + 1] === "[")) {
      LINK.lastIndex = at;
      const found = LINK.exec(text);
      const address = found && harmless(found[2]);
      if (address) {
        const label = found[1] || found[2];
        push(link(address, ...(c === "!" ? ["image: " + label] : inline(label))));
        at += found[0].length;
      } else {
        plain += c;
        at++;
      }
    } else if ((c === "h" || c === "<") && startsAddress(text, at)) {
      ADDRESS.lastIndex = c === "<" ? at + 1 : at;
      const found = ADDRESS.exec(text)[0];
      const address = c === "<" ? found : found.replace(/[.,;:!?'*_~)\]]{1,8}$/, "");
      const target = harmless(address);
      const whole = c === "<" ? address.length + 2 : address.length;
      if (target && (c === "h" || text[at + whole - 1] === ">")) {
        push(link(target, address));
        at += whole;
      } else {
        plain += c;
        at++;
      }
    } else if (c === "*" || c === "_" || c === "~") {
      const run = runAt(text, at);
      emphasis(c, run, text[at - 1] ?? " ", text[at + run] ?? " ");
      at += run;
    } else {
      plain += c;
      at++;
    }
  }
  flush();
  return pieces;

  function emphasis(mark, run, before, after) {
    const word = /[\p{L}\p{N}]/u;
    const closes = /\S/.test(before) && (mark !== "_" || !word.test(after));
    const opens = /\S/.test(after) && (mark !== "_" || !word.test(before));
    let left = run;
    while (closes && left > 0) {
      const index = open.findLastIndex((each) => each.mark[0] === mark);
      if (index < 0 || open[index].mark.length > left) {
        break;
      }
      flush();
      const [opener] = open.splice(index);
      const names = { "*": "em", "_": "em", "**": "strong", "__": "strong", "~~": "del" };
      pieces.splice(opener.at, 1, element(names[opener.mark], ...pieces.splice(opener.at + 1)));
      left -= opener.mark.length;
    }
    if (!opens || left > 3 || (mark === "~" && left !== 2) || open.length >= MAX_OPEN_MARKS) {
      plain += mark.repeat(left);
      return;
    }
    while (left > 0) {
      const opened = mark.repeat(Math.min(2, left));
      flush();
      open.push({ mark: opened, at: pieces.length });
      pieces.push(document.createTextNode(opened));
      left -= opened.length;
    }
  }
}

function runAt(text, at) {
  let end = at;
  while (text[end] === text[at]) {
    end++;
  }
  return end - at;
}

function closingRun(text, from, length) {
  for (let at = text.indexOf("`", from); at >= 0; at = text.indexOf("`", at)) {
    const run = runAt(text, at);
    if (run === length) {
      return at;
    }
    at += run;
  }
  return -1;
}

function startsAddress(text, at) {
  return text[at] === "<"
    ? /^<https?:\/\/[^\s<>"`]/.test(text.slice(at, at + 10))
    : /^https?:\/\/[^\s<>"`]/.test(text.slice(at, at + 9)) && !/[\p{L}\p{N}]/u.test(text[at - 1] ?? " ");
}

/** Returns the address, or null if it has another scheme than those of web pages and mail, or none. */
function harmless(address) {
  try {
    const url = new URL(address);
    return SCHEMES.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

function link(address, ...content) {
  const node = element("a", ...content);
  node.href = address;
  node.target = "_blank";
  node.rel = "noopener noreferrer";
  return node;
}

function element(name, ...content) {
  const node = document.createElement(name);
  node.append(...content);
  return node;
}
