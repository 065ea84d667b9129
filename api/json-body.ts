import express, { type RequestHandler } from 'express';

/** Far more than any body needs, and far from where walking through it overflows the stack. */
const DEEPEST_JSON = 64;

/**
 * Parses JSON bodies of at most `limit` bytes. Compressed ones are refused: a few kilobytes of them
 * may be gigabytes.
 */
export function createJsonParser(limit: number): RequestHandler {
  return express.json({
    limit,
    inflate: false,
    verify: (...[, , body, encoding]) => {
      // RFC 8259 knows no other; in one of two bytes a quote could hide brackets.
      if (encoding !== 'utf-8') throw makeRefusal('charset.unsupported');
      if (isDeep(body)) throw makeRefusal('json.too.deep');
    },
  });
}

/** The parser gives every error a status and passes it on by its type. */
function makeRefusal(type: string): Error {
  return Object.assign(new Error('Expected another body'), { type });
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const OPENING = [0x5b, 0x7b];
const CLOSING = [0x5d, 0x7d];

function isDeep(json: Buffer): boolean {
  let depth = 0;
  let isText = false;
  for (let index = 0; index < json.length; index += 1) {
    const byte = json[index] ?? 0;
    if (byte === QUOTE) isText = !isText;
    else if (isText) index += byte === BACKSLASH ? 1 : 0;
    else if (OPENING.includes(byte)) depth += 1;
    else if (CLOSING.includes(byte)) depth -= 1;
    if (depth > DEEPEST_JSON) return true;
  }
  return false;
}
