import type { Random } from './random.js';
import { targetOf, type WireRequest } from './world.js';

/** What is true elsewhere, to be put where something else belongs. */
export interface Foreign {
  /** Tokens and names. */
  readonly texts: readonly string[];
  /** A request of some other moment: its session, its code, its user in place of ours. */
  readonly request: object;
  readonly operations: readonly string[];
}

type Json = unknown;
type Holder = Record<string, Json>;

const NUMBERS = [0, -1, 0.5, 61, 2 ** 31, 2 ** 53, 1e308, -1e308];
const ODD_TEXTS = [
  '',
  ' ',
  'a',
  '\u0000',
  'a\u0000b',
  'line\r\nline',
  '\u001b[31m',
  '\u202Egnirts',
  '\uD800',
  '𝒳🎉'.repeat(40),
  '\u0130İıſK',
  '__proto__',
  'constructor',
  '../../etc/passwd',
  '" or username = "',
  '${jndi}',
  '%s%n%s',
  'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.',
  'A'.repeat(129),
  'A'.repeat(2049),
  'A'.repeat(200_000),
  '9'.repeat(5000),
  'f'.repeat(5000),
];
const DEPTH = 1000;

/** A request that was valid, changed in one to three places, or not JSON any more, or sent to another operation. */
export function mutated(operation: string, body: object, random: Random, foreign: Foreign): WireRequest {
  if (random.chance(0.06)) return { target: targetOf(operation), body: brokenText(JSON.stringify(body), random) };
  const target = random.chance(0.06) ? otherTarget(operation, random, foreign) : targetOf(operation);
  const copy = structuredClone(body) as Holder;
  const times = target === targetOf(operation) ? random.pick([1, 1, 1, 1, 1, 2, 2, 3]) : random.below(2);
  for (let time = 0; time < times; time += 1) mutate(copy, random, foreign);
  return { target, body: JSON.stringify(copy) };
}

function mutate(body: Holder, random: Random, foreign: Foreign): void {
  const holder = someHolder(body, random);
  const keys = Object.keys(holder);
  if (keys.length === 0 || random.chance(0.05)) {
    holder[random.pick(['Extra', '__proto__', 'constructor', 'toString', ''])] = oddValue(random, foreign);
    return;
  }
  const key = random.pick(keys);
  switch (random.below(10)) {
    case 0:
      delete holder[key];
      break;
    case 1:
      holder[key.toLowerCase()] = holder[key];
      if (key !== key.toLowerCase()) delete holder[key];
      break;
    case 2:
      holder[key] = random.pick(foreign.texts);
      break;
    case 3:
    case 4:
      holder[key] = oddValue(random, foreign);
      break;
    case 5:
    case 6:
      holder[key] = changedText(holder[key], random);
      break;
    default:
      holder[key] = namesake(key, foreign.request) ?? changedText(holder[key], random);
  }
}

/** What stands under the same name in another request. */
function namesake(key: string, request: object): Json {
  for (const [name, value] of Object.entries(request)) {
    if (name === key) return value;
    const within = typeof value === 'object' && value !== null ? namesake(key, value as object) : undefined;
    if (within !== undefined) return within;
  }
  return undefined;
}

/** The body, or one of the objects and lists within it. */
function someHolder(body: Holder, random: Random): Holder {
  const inner = Object.values(body).filter((value): value is Holder => typeof value === 'object' && value !== null);
  return inner.length > 0 && random.chance(0.5) ? someHolder(random.pick(inner), random) : body;
}

/** The same text with one character other, one more or one less. */
function changedText(value: Json, random: Random): Json {
  if (typeof value !== 'string' || value === '') return random.pick(ODD_TEXTS);
  const at = random.below(value.length);
  const other = random.pick(['A', '0', 'z', '-', '.', ' ', '\u0007', 'ß']);
  return value.slice(0, at) + random.pick(['', other, other + other]) + value.slice(at + 1);
}

function oddValue(random: Random, foreign: Foreign): Json {
  switch (random.below(9)) {
    case 0:
      return null;
    case 1:
      return random.chance(0.5);
    case 2:
      return random.pick(NUMBERS);
    case 3:
      return [];
    case 4:
      return Array.from({ length: 300 }, () => random.pick([...foreign.texts, 1, null]));
    case 5:
      return { Name: random.pick(ODD_TEXTS), Value: random.pick(ODD_TEXTS) };
    case 6:
      return nested(random);
    default:
      return random.pick(ODD_TEXTS);
  }
}

function nested(random: Random): Json {
  let value: Json = 'core';
  const inLists = random.chance(0.5);
  for (let depth = 0; depth < DEPTH; depth += 1) value = inLists ? [value] : { a: value };
  return value;
}

function otherTarget(operation: string, random: Random, foreign: Foreign): string | undefined {
  return random.pick([
    undefined,
    '',
    operation,
    targetOf(operation.toLowerCase()),
    targetOf('__proto__'),
    targetOf('constructor'),
    `DynamoDB_20120810.${operation}`,
    ...foreign.operations.map(targetOf),
  ]);
}

function brokenText(text: string, random: Random): string | Uint8Array<ArrayBuffer> {
  const deep = '['.repeat(100_000);
  const whole = random.pick(['', 'null', '[]', '"text"', '1', 'true', '{', '{}{}', '\u0000', '{"a":NaN}', deep]);
  const bytes = Uint8Array.from(Buffer.from(text));
  switch (random.below(5)) {
    case 0:
      return text.slice(0, random.below(text.length));
    case 1:
      return `${text}${random.pick(['}', 'x', '\u0000', text])}`;
    case 2:
      return `\uFEFF${text}`;
    case 3:
      bytes[random.below(bytes.length)] = 0xff;
      return bytes;
    default:
      return whole;
  }
}
