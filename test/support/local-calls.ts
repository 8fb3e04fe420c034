/** JSON calls as a person's tools make them, and what a simulator was asked for. */

export interface Answer {
  readonly status: number;
  /** Parsed JSON; `undefined` where the body is empty. */
  readonly body: unknown;
}

export interface Call {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** Makes a call whose answer, if it has a body, is JSON. */
export async function callJson({ method, url, headers, body }: Call): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { accept: "application/json", "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
}

/** The body of an answer that must be a success. */
export async function callOk(call: Call): Promise<unknown> {
  const { status, body } = await callJson(call);
  if (status >= 200 && status < 300) return body;
  throw new Error(`${call.method} ${call.url} answered ${status}: ${JSON.stringify(body)}`);
}

/** Of `"METHOD /path"` to a number, those calls that change something in the vendor's system. */
export function writeCalls(
  calls: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const isRead = (route: string): boolean =>
    route.startsWith("GET ") || /\/(search|batch\/read)$/.test(route);
  return Object.fromEntries(Object.entries(calls).filter(([route]) => !isRead(route)));
}

/** The one element there is. Throws where there are none or several. */
export function only<Element>(list: readonly Element[]): Element {
  const [first] = list;
  if (first === undefined || list.length > 1) {
    throw new Error(`Expected exactly one, found ${list.length}: ${JSON.stringify(list)}`);
  }
  return first;
}
