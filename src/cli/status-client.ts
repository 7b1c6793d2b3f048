import { escapeText } from "../go-text/index.ts";
import { CliError, oneLine } from "./errors.ts";

/** The most bytes of an answer that are read, after decompression. */
export const maxAnswerBytes = 64 * 1024 * 1024;
/** The most bytes of an answer that are read when its status is not 200: it is only shown. */
const maxErrorBytes = 1024;
/** The longest time for one answer, in milliseconds. */
const answerTimeoutMs = 10_000;

/**
 * Returns the body of the answer to a GET request.
 *
 * Redirects are not followed, an answer of more than 64 MiB is given up, and so is one that is not complete within 10 s.
 *
 * @param timeoutMs the longest time for the whole answer, in milliseconds.
 * @throws CliError `failed`, naming the URL, for all that goes wrong. Texts of the answer in it are escaped and cut.
 */
export async function fetchText(
  url: string,
  signal?: AbortSignal,
  timeoutMs = answerTimeoutMs,
): Promise<string> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      redirect: "manual",
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    if (response.ok) return await readBody(response, url);
    throw await refused(response, url);
  } catch (error) {
    if (error instanceof CliError) throw error;
    if (timeout.aborted) {
      const text = `${url}: no complete answer within ${timeoutMs / 1000} s`;
      throw new CliError("failed", text, { cause: error });
    }
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new CliError("failed", `${url}: ${oneLine(cause)}`, { cause: error });
  }
}

async function readBody(response: Response, url: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bodyChunks(response)) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxAnswerBytes) {
      // Leaving the loop has cancelled the rest of the answer.
      const text = `${url}: the answer has more than ${maxAnswerBytes / 2 ** 20} MiB; is this the port of --http?`;
      throw new CliError("failed", text);
    }
  }
  return new TextDecoder().decode(Buffer.concat(chunks, length));
}

async function refused(response: Response, url: string): Promise<CliError> {
  const { status } = response;
  const location = response.headers.get("location");
  if (status >= 300 && status < 400 && location !== null) {
    await response.body?.cancel();
    const text = `${url}: redirects to ${escapeText(location, 256)}, which is not followed; ask that address instead`;
    return new CliError("failed", text);
  }
  const isText = response.headers.get("content-type")?.startsWith("text/plain") === true;
  const said = isText ? await beginning(response) : "";
  if (!isText) await response.body?.cancel();
  return new CliError("failed", `${url}: HTTP status ${status}${said === "" ? "" : `: ${said}`}`);
}

/** The first line of the body. */
async function beginning(response: Response): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of bodyChunks(response)) {
    text += decoder.decode(chunk.subarray(0, maxErrorBytes), { stream: true });
    if (text.length >= maxErrorBytes) break;
  }
  return escapeText(text.slice(0, maxErrorBytes).split("\n", 1)[0]!.trim());
}

/** The chunks of a body; leaving the loop early cancels the rest. */
function bodyChunks(response: Response): AsyncIterable<Uint8Array> {
  return (response.body ?? []) as unknown as AsyncIterable<Uint8Array>;
}
