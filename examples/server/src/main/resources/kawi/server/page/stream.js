// The client of /v1: requests with the key, errors as sentences, and the events of a stream.

export class ApiError extends Error {
  constructor(status, message, retryAfter) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** Sends a request and returns the response, or throws an ApiError with the server's own words. */
export async function request(path, key, body, signal) {
  const headers = { Accept: body ? "text/event-stream" : "application/json" };
  if (key) {
    headers.Authorization = "Bearer " + key;
  }
  if (body) {
    headers["Content-Type"] = "application/json";
  }
  const response = await fetch(path, {
    method: body ? "POST" : "GET",
    headers,
    body: body && JSON.stringify(body),
    signal,
    cache: "no-store",
  });
  if (!response.ok) {
    throw new ApiError(response.status, await reason(response), response.headers.get("Retry-After"));
  }
  return response;
}

async function reason(response) {
  const text = await response.text();
  try {
    const message = JSON.parse(text).error?.message;
    if (message) {
      return String(message);
    }
  } catch {
    // not JSON
  }
  return `The server answered ${response.status} ${response.statusText}`.trim() + ".";
}

/** The JSON objects of a stream of server-sent events, up to its [DONE]. */
export async function* objects(response) {
  for await (const data of events(response.body.getReader())) {
    if (data === "[DONE]") {
      return;
    }
    const object = JSON.parse(data);
    if (object.error) {
      throw new ApiError(object.error.code ?? 500, String(object.error.message ?? "The answer failed."), null);
    }
    yield object;
  }
  throw new ApiError(0, "The connection ended before the answer did.", null);
}

/** The data of each event. Lines end with LF, CR LF or CR, wherever the pieces of the stream are cut. */
async function* events(reader) {
  const decoder = new TextDecoder();
  let rest = "";
  let data = [];
  try {
    for (;;) {
      const { value, done } = await reader.read();
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      const lines = rest.split(/\r\n|\n|\r(?=[^])/);
      rest = lines.pop();
      for (const line of lines) {
        if (line === "" && data.length) {
          yield data.join("\n");
          data = [];
        } else if (line.startsWith("data:")) {
          data.push(line.slice(line[5] === " " ? 6 : 5));
        }
      }
      if (done) {
        return;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
