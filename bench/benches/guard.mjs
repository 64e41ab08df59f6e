import { Child } from '../child.mjs';
import { load } from '../load.mjs';
import { inRotation, TokenIssuer } from '../pool.mjs';
import { ratioOfMedians, summarize } from '../statistics.mjs';

const issuer = new TokenIssuer();
const PEERS = ["nest-cognito, AuthGuard('cognito')", '@nestjs-cognito/auth', 'passport-jwt + jwks-rsa'];
const CONTENDERS = ['open', 'nest-cognito', ...PEERS];
const ADAPTERS = ['fastify', 'express'];

export async function run({ quick }) {
  const settings = quick ? { rounds: 1, seconds: 1, coldTokens: 5000 } : { rounds: 5, seconds: 5, coldTokens: 60_000 };
  const warm = {};
  const cold = {};
  for (const adapter of ADAPTERS) {
    warm[adapter] = await rounds(adapter, CONTENDERS, settings, always(await issuer.token()));
    cold[adapter] = await rounds(adapter, CONTENDERS.slice(0, 2), { ...settings, rounds: 1 }, neverTwice(settings));
  }
  return {
    bench: 'guard',
    unit: 'requests per second',
    ours: warm.fastify['nest-cognito'].perSecond.median,
    peers: Object.fromEntries(PEERS.map((name) => [name, warm.fastify[name].perSecond.median])),
    limit: warm.fastify.open.perSecond.median,
    ratios: Object.fromEntries(ADAPTERS.flatMap((adapter) => ratiosOf(adapter, warm[adapter], cold[adapter]))),
    tables: [
      ...ADAPTERS.map((adapter) => tableOf(`${adapter}, warm: one token`, warm[adapter])),
      ...ADAPTERS.map((adapter) => tableOf(`${adapter}, cold: no token twice, one round`, cold[adapter])),
      await growth(quick),
    ],
    notes: [
      'Server and load are processes of their own, with 20 connections; `p99` is the median of the rounds, in ms. ' +
        'Cold rounds write a new header for each request, which makes the load itself slower; `open` beside it has the same.',
    ],
  };
}

const always = (token) => () => token;

/** A function that hands out each token once; who wants more than there are has measured for too long. */
function neverTwice({ coldTokens }) {
  return async () => {
    const tokens = await issuer.tokens(coldTokens);
    return () => {
      const token = tokens.pop();
      if (token === undefined) throw new Error('There are no more tokens that nobody has seen.');
      return token;
    };
  };
}

/** Rounds in turn, all servers standing side by side; only the one that is asked has work. */
async function rounds(adapter, names, { rounds: count, seconds }, tokenOf) {
  const servers = [];
  const taken = Object.fromEntries(names.map((name) => [name, { perSecond: [], p99: [] }]));
  try {
    for (const name of names) servers.push([name, await serve(name, adapter)]);
    for (const [, { ready }] of servers) await load(ready.url, { seconds: 1, token: await issuer.token() });
    for (let round = 0; round < count; round += 1) {
      for (const [name, { ready }] of servers) {
        const { perSecond, p99 } = await load(ready.url, { seconds, token: await tokenOf() });
        taken[name].perSecond.push(perSecond);
        taken[name].p99.push(p99);
      }
    }
  } finally {
    for (const [, server] of servers) await server.stop();
  }
  return Object.fromEntries(
    names.map((name) => [name, { perSecond: summarize(taken[name].perSecond), p99: summarize(taken[name].p99) }]),
  );
}

function serve(contender, adapter) {
  const { userPoolId, clientId, issuer: name, jwks } = issuer;
  return Child.start('apps/guard.mjs', { contender, adapter, pool: { userPoolId, clientId, issuer: name }, jwks });
}

function ratiosOf(adapter, warm, cold) {
  const toOpen = (taken, name) => ratioOfMedians(taken[name].perSecond, taken.open.perSecond);
  return [
    [`${adapter}.warm/open`, toOpen(warm, 'nest-cognito')],
    [`${adapter}.cold/open`, toOpen(cold, 'nest-cognito')],
    ...PEERS.map((name) => [
      `${adapter}.warm/${name}`,
      ratioOfMedians(warm['nest-cognito'].perSecond, warm[name].perSecond),
    ]),
  ];
}

function tableOf(title, taken) {
  const rows = Object.entries(taken).map(([name, { perSecond, p99 }]) => [
    name,
    perSecond.min,
    perSecond.median,
    perSecond.max,
    p99.median,
    ratioOfMedians(perSecond, taken.open.perSecond),
  ]);
  return { title, columns: ['requests/s', 'min', 'median', 'max', 'p99', 'of open'], rows };
}

/** How throughput falls with the number of tokens that are in use at the same time. */
async function growth(quick) {
  const sizes = quick ? [1, 100] : [1, 10, 100, 1000, 10_000, 100_000, 1_000_000];
  const tokens = [];
  const rows = [];
  const servers = { open: await serve('open', 'fastify'), ours: await serve('nest-cognito', 'fastify') };
  try {
    for (const size of sizes) {
      // Off the heap of the load: a million of them take a gigabyte.
      tokens.push(...(await issuer.tokens(size - tokens.length)).map((token) => Buffer.from(token, 'latin1')));
      const row = [size.toLocaleString('en')];
      for (const { ready } of Object.values(servers)) {
        const next = inRotation(tokens);
        const { perSecond } = await load(ready.url, {
          seconds: quick ? 1 : 10,
          token: () => next().toString('latin1'),
        });
        row.push(perSecond);
      }
      rows.push([...row, row[2] / row[1]]);
    }
  } finally {
    for (const server of Object.values(servers)) await server.stop();
  }
  return {
    title: 'fastify, N tokens in rotation, requests/s',
    columns: ['N', 'open', 'nest-cognito', 'of open'],
    rows,
  };
}
