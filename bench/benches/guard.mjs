import { setTimeout as pause } from 'node:timers/promises';
import { Child } from '../child.mjs';
import { assertGuarded, load } from '../load.mjs';
import { inRotation, TokenIssuer } from '../pool.mjs';
import { ratioOfMedians, summarize } from '../statistics.mjs';

const OURS = 'nest-cognito';
const PEERS = ["nest-cognito, AuthGuard('cognito')", '@nestjs-cognito/auth', 'passport-jwt + jwks-rsa'];
const UNCHECKED = ['open', 'a lookup and no check'];
const CONTENDERS = [...UNCHECKED, OURS, ...PEERS];
const ADAPTERS = ['fastify', 'express'];
const issuer = new TokenIssuer();

/** `coldTokens` for each round; a contender that uses them up sooner is measured for a shorter time. */
const QUICK = { rounds: 1, seconds: 0.5, coldTokens: 2000, sizes: [1, 100, 1000] };
const FULL = {
  rounds: 5,
  seconds: 1.5,
  coldTokens: 40_000,
  sizes: [1, 10, 100, 1000, 10_000, 100_000, 1_000_000],
};

export async function run({ quick }) {
  const settings = quick ? QUICK : FULL;
  // Buffers, which are off the heap of the load: a million tokens are a gigabyte.
  const tokens = [];
  const grow = async (size) => {
    for (const token of await issuer.tokens(Math.max(0, size - tokens.length))) tokens.push(latin1(token));
  };
  await grow(settings.coldTokens + 1000);
  const taken = {};
  for (const adapter of ADAPTERS) taken[adapter] = await roundsOn(adapter, tokens, settings);
  const growthTable = await growth(tokens, grow, settings);
  const { open, [OURS]: ours } = taken.fastify.warm;
  return {
    bench: 'guard',
    unit: 'requests per second',
    ours: ours.perSecond.median,
    peers: Object.fromEntries(PEERS.map((name) => [name, taken.fastify.warm[name].perSecond.median])),
    limit: open.perSecond.median,
    ratios: Object.fromEntries(ADAPTERS.flatMap((adapter) => ratiosOf(adapter, taken[adapter]))),
    budgets: {
      'fastify.warm/open': 'at least 0.92',
      'express.warm/open': 'at least 0.92',
      'fastify.warm/@nestjs-cognito/auth': 'at least 3.3',
      'fastify.warm/passport-jwt + jwks-rsa': 'at least 10',
    },
    tables: [
      ...ADAPTERS.flatMap((adapter) => [
        tableOf(`${adapter}, warm: one token`, taken[adapter].warm),
        tableOf(`${adapter}, cold: no token twice`, taken[adapter].cold),
      ]),
      growthTable,
    ],
    notes: [
      'Server and load are processes of their own, with 20 connections, on two cores; the load never sleeps, so that it is the server who ' +
        'is measured and not the waking of the load: its event loop is busy nearly all the time (`server busy`). `p99` in ms; `server, µs` ' +
        'is the processor time that it spent on a request, on all its threads.',
      '`a lookup and no check`: a guard that finds the token in a Map, sets `request.user` and judges nothing. No guard can cost less.',
    ],
  };
}

/**
 * Rounds in turn, each with a new process: how fast one becomes depends on when its code was compiled and its memory collected, and
 * that is another each time.
 */
async function roundsOn(adapter, tokens, { rounds, seconds, coldTokens }) {
  const taken = { warm: emptyLists(), cold: emptyLists() };
  for (let round = 0; round < rounds; round += 1) {
    for (const name of CONTENDERS) {
      const server = await serve(name, adapter);
      try {
        await prepare(name, server, tokens.slice(-1000));
        taken.cold[name].push(
          await load(server, server.ready, text(once(tokens.slice(0, coldTokens))), { seconds, ...AWAKE }),
        );
        await load(server, server.ready, text(inRotation(tokens.slice(-1))), { seconds: 0.5, ...AWAKE });
        taken.warm[name].push(
          await load(server, server.ready, text(inRotation(tokens.slice(-1))), { seconds, ...AWAKE }),
        );
      } finally {
        await server.stop();
      }
    }
  }
  return { warm: summed(taken.warm), cold: summed(taken.cold) };
}

const AWAKE = { isAwake: true };

/** Lets the compiler of the server see what comes, tokens that are new and one that is not, and leaves it time to work. */
async function prepare(name, server, tokens) {
  if (!UNCHECKED.includes(name)) await assertGuarded(server.ready, tokens[0].toString('latin1'));
  await load(server, server.ready, text(once(tokens)), { connections: 2 });
  for (let times = 0; times < 4; times += 1) {
    await load(server, server.ready, text(inRotation(tokens.slice(-1))), { seconds: 0.5, connections: 2 });
    await pause(150);
  }
}

function serve(contender, adapter) {
  const { userPoolId, clientId, issuer: name, jwks } = issuer;
  return Child.start('apps/guard.mjs', { contender, adapter, pool: { userPoolId, clientId, issuer: name }, jwks });
}

/** How throughput falls with the number of tokens that are in use at the same time. */
async function growth(tokens, grow, { sizes, seconds }) {
  const rows = [];
  const open = await serve('open', 'fastify');
  const ours = await serve(OURS, 'fastify');
  try {
    await prepare('open', open, tokens.slice(-1000));
    await prepare(OURS, ours, tokens.slice(-1000));
    let seen = 0;
    for (const size of sizes) {
      await grow(size);
      const inUse = tokens.slice(0, size);
      // What is measured is how fast a token is seen again, so each is seen once before.
      await load(ours, ours.ready, text(once(inUse.slice(seen))));
      seen = size;
      const ofOpen = await load(open, open.ready, text(inRotation(inUse)), { seconds, ...AWAKE });
      const ofOurs = await load(ours, ours.ready, text(inRotation(inUse)), { seconds, ...AWAKE });
      rows.push([
        size.toLocaleString('en'),
        ofOpen.perSecond,
        ofOurs.perSecond,
        ofOurs.perSecond / ofOpen.perSecond,
        ofOpen.cpu,
        ofOurs.cpu,
      ]);
    }
  } finally {
    await open.stop();
    await ours.stop();
  }
  return {
    title: 'fastify, N tokens in rotation, requests/s',
    columns: ['N', 'open', OURS, 'of open', 'open: server, µs', `${OURS}: server, µs`],
    rows,
  };
}

function ratiosOf(adapter, { warm, cold }) {
  return Object.entries({ warm, cold }).flatMap(([way, taken]) =>
    [...UNCHECKED, ...PEERS].map((name) => [
      `${adapter}.${way}/${name}`,
      ratioOfMedians(taken[OURS].perSecond, taken[name].perSecond),
    ]),
  );
}

function tableOf(title, taken) {
  const rows = Object.entries(taken).map(([name, { perSecond, p99, cpu, serverBusy }]) => [
    name,
    perSecond.min,
    perSecond.median,
    perSecond.max,
    ratioOfMedians(perSecond, taken.open.perSecond),
    p99.median,
    cpu.median,
    percent(serverBusy.median),
  ]);
  return {
    title,
    columns: ['requests/s', 'min', 'median', 'max', 'of open', 'p99', 'server, µs', 'server busy'],
    rows,
  };
}

function emptyLists() {
  return Object.fromEntries(CONTENDERS.map((name) => [name, []]));
}

/** By contender and by what was measured: what the rounds came to. */
function summed(taken) {
  const summaryOf = (loads, what) => [what, summarize(loads.map((one) => one[what]))];
  return Object.fromEntries(
    Object.entries(taken).map(([name, loads]) => [
      name,
      Object.fromEntries(Object.keys(loads[0]).map((what) => summaryOf(loads, what))),
    ]),
  );
}

/** Each of them one time, and then nothing. */
function once(tokens) {
  let next = 0;
  return () => tokens[next++];
}

function text(next) {
  return () => next()?.latin1Slice();
}

function latin1(token) {
  return Buffer.from(token, 'latin1');
}

function percent(part) {
  return `${Math.round(part * 100)} %`;
}
