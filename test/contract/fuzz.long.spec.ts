import { describe, expect, it } from 'vitest';
import { operationsOf } from '../../lib/emulator/operations/operations.js';
import { stateHash } from '../../lib/emulator/state/snapshot.js';
import { type Foreign, mutated } from './fuzz/mutations.js';
import { Random } from './fuzz/random.js';
import { RECIPES } from './fuzz/valid-requests.js';
import { targetOf, type WireRequest, World } from './fuzz/world.js';

const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 10_000);
/** A pool that grows without end would make each look at its state dearer than the one before. */
const REQUESTS_PER_POOL = 1000;

const operations = Object.keys(RECIPES);

/** What a request must not do, whatever it is. */
interface Misdeed {
  readonly what: string;
  readonly operation: string;
  readonly answer: unknown;
  readonly request: unknown;
}

/** What came of the requests so far. */
interface Tally {
  readonly valid: Map<string, number>;
  readonly refusals: Map<string, number>;
  readonly misdeeds: Misdeed[];
  accepted: number;
}

describe('the emulator under 10,000 requests', () => {
  it('serves the valid ones, and is neither broken nor changed by what it refuses', { timeout: 400_000 }, async () => {
    const random = new Random(Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 32));
    console.log(`FUZZ_SEED=${random.seed}`);
    const tally: Tally = { valid: new Map(), refusals: new Map(), misdeeds: [], accepted: 0 };
    const elsewhere = await World.open();
    for (let sent = 0; sent < REQUESTS; sent += REQUESTS_PER_POOL) await fuzzOnePool(random, elsewhere, sent, tally);
    await elsewhere.close();

    expect(tally.misdeeds.slice(0, 5), `FUZZ_SEED=${random.seed}`).toEqual([]);
    // It was no play with paper swords: every operation was reached, and refusals of many kinds were met.
    expect([...tally.valid.keys()].toSorted()).toEqual(operations.toSorted());
    expect(Math.min(...tally.valid.values())).toBeGreaterThan(5);
    expect(tally.refusals.size).toBeGreaterThan(8);
    expect([...tally.refusals.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(REQUESTS / 2);
    console.log(`${tally.accepted} mutations were harmless; refusals: ${JSON.stringify([...tally.refusals])}`);
  });

  it('knows how to call every operation', async () => {
    const world = await World.open();
    expect(Object.keys(RECIPES).toSorted()).toEqual(Object.keys(operationsOf(world.pool)).toSorted());
    await world.close();
  });
});

async function fuzzOnePool(random: Random, elsewhere: World, from: number, tally: Tally): Promise<void> {
  const world = await World.open();
  const strangers = await foreignTexts(world, elsewhere);
  const latest = new Map<string, object>();
  let state: string | undefined;
  for (let index = from; index < from + REQUESTS_PER_POOL; index += 1) {
    const isValid = index % 10 === 0;
    const operation = isValid ? (operations[(index / 10) % operations.length] ?? '') : random.pick(operations);
    // What was sent before has been used up, which is a mutation too.
    const isFresh = isValid || !latest.has(operation) || random.chance(0.4);
    const body = isFresh ? await RECIPES[operation]?.(world, random) : latest.get(operation);
    if (!body) throw new Error(`There is no recipe for ${operation}.`);
    latest.set(operation, body);
    if (isFresh) {
      world.forgetTheOldest();
      state = undefined;
    }
    if (isValid) await sendValid(world, operation, body, tally);
    else {
      const foreign = { ...strangers, request: random.pick([...latest.values()]) };
      // A request that was sent before may come again as it was.
      const isReplay = !isFresh && random.chance(0.1);
      const again = { target: targetOf(operation), body: JSON.stringify(body) };
      const request = isReplay ? again : mutated(operation, body, random, foreign);
      state ??= stateHash(world.pool);
      state = await sendMutated(world, state, { operation, secrets: secretsOf(body), ...request }, tally);
    }
  }
  await world.close();
}

async function sendValid(world: World, operation: string, body: object, tally: Tally): Promise<void> {
  const reply = await world.send({ target: targetOf(operation), body: JSON.stringify(body) });
  tally.valid.set(operation, (tally.valid.get(operation) ?? 0) + 1);
  if (reply.status !== 200) note(tally, 'a valid request was refused', operation, reply.body, body);
}

/** @returns the hash of the state, which a refusal has to leave as it was; `undefined` where it may have changed */
async function sendMutated(
  world: World,
  before: string,
  { operation, secrets, ...request }: WireRequest & { readonly operation: string; readonly secrets: string[] },
  tally: Tally,
): Promise<string | undefined> {
  const reply = await world.send(request).catch((error: unknown) => ({ status: 0, body: { error: String(error) } }));
  if (reply.status === 200) {
    tally.accepted += 1;
    return undefined;
  }
  const name = String(Object(reply.body)['__type']);
  tally.refusals.set(name, (tally.refusals.get(name) ?? 0) + 1);
  if (reply.status < 400 || reply.status >= 500 || world.faults.length > 0) {
    note(tally, `status ${reply.status}, fault ${String(world.faults.pop())}`, operation, reply.body, request);
  }
  const answer = JSON.stringify(reply.body);
  if (secrets.some((secret) => answer.includes(secret))) note(tally, 'a secret came back', operation, answer, request);
  const after = stateHash(world.pool);
  if (after !== before) note(tally, 'a refusal left a trace', operation, reply.body, request);
  return after;
}

function note({ misdeeds }: Tally, what: string, operation: string, answer: unknown, sent: object): void {
  const request = JSON.stringify(sent).slice(0, 3000);
  misdeeds.push({ what, operation, answer, request });
}

/** Tokens of another pool, of the wrong kind, revoked; and names that belong to others. */
async function foreignTexts(world: World, elsewhere: World): Promise<Omit<Foreign, 'request'>> {
  const stranger = await elsewhere.signIn();
  const own = await world.signIn();
  const revoked = await world.signIn();
  revoked.grant.revoked = true;
  const tokens = [stranger, own, revoked].flatMap(({ accessToken, idToken, refreshToken }) => [
    accessToken,
    idToken,
    refreshToken,
  ]);
  const names = ['nobody', own.user.username, own.user.sub, 'other', 'local_other'];
  return { texts: [...tokens, ...names], operations };
}

/** What of a request must never be repeated: passwords, tokens and sessions. */
function secretsOf(value: object): string[] {
  return Object.entries(value).flatMap(([name, member]) => {
    if (typeof member === 'object' && member !== null) return secretsOf(member as object);
    return typeof member === 'string' && /password|token|session$|secret/i.test(name) ? [member] : [];
  });
}
