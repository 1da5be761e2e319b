// Tools that run on this page, for demonstration. They can do nothing but tell the time and compute.

const clock = {
  type: "function",
  function: {
    name: "clock",
    description: "The current date and time.",
    parameters: { type: "object", properties: {}, additionalProperties: false },
  },
};

const calculator = {
  type: "function",
  function: {
    name: "calculator",
    description: "Computes + - * / ^ and parentheses.",
    parameters: {
      type: "object",
      properties: { expression: { type: "string", description: "such as (1.1 + 2.2) * 3 or 2^10" } },
      required: ["expression"],
      additionalProperties: false,
    },
  },
};

export const TOOLS = { clock, calculator };

/** Returns the result of a call as text. What is wrong with a call is a result too: the model can correct it. */
export function run(name, argumentsText) {
  try {
    const given = JSON.parse(argumentsText || "{}");
    switch (name) {
      case "clock":
        return new Date().toLocaleString("en-GB", { dateStyle: "full", timeStyle: "long" });
      case "calculator":
        return String(evaluate(String(given.expression ?? "")));
      default:
        return `Error: there is no tool named "${name}".`;
    }
  } catch (e) {
    return "Error: " + e.message;
  }
}

const MAX_EXPRESSION = 1000;

/** Computes an expression: sum = product {(+|-) product}, product = power {(*|/) power}, power = [-] atom [^ power]. */
function evaluate(expression) {
  if (expression.length > MAX_EXPRESSION) {
    throw new Error(`the expression has ${expression.length} characters; at most ${MAX_EXPRESSION} are accepted`);
  }
  const tokens = expression.match(/\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+|\S/g) ?? [];
  let at = 0;
  const result = sum();
  if (at < tokens.length) {
    throw new Error(`"${tokens[at]}" was not expected`);
  }
  return result;

  function sum() {
    let value = product();
    while (tokens[at] === "+" || tokens[at] === "-") {
      value = tokens[at++] === "+" ? value + product() : value - product();
    }
    return value;
  }

  function product() {
    let value = power();
    while (tokens[at] === "*" || tokens[at] === "/") {
      value = tokens[at++] === "*" ? value * power() : value / power();
    }
    return value;
  }

  function power() {
    if (tokens[at] === "-") {
      at++;
      return -power();
    }
    const base = atom();
    if (tokens[at] !== "^") {
      return base;
    }
    at++;
    return base ** power();
  }

  function atom() {
    const token = tokens[at++];
    if (token === "(") {
      const value = sum();
      if (tokens[at++] !== ")") {
        throw new Error("a closing parenthesis was expected");
      }
      return value;
    }
    if (token === undefined || !/\d/.test(token)) {
      throw new Error(token === undefined ? "the expression is not complete" : `"${token}" is not a number`);
    }
    return Number(token);
  }
}
