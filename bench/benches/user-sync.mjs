import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { Child } from '../child.mjs';
import { assertGuarded, load } from '../load.mjs';
import { inRotation, TokenIssuer } from '../pool.mjs';
import { ratioOfMedians, summarize } from '../statistics.mjs';

const OURS = 'nest-cognito';
const CACHED = 'nest-cognito, cacheTtl 60';
const LIMIT = 'bare SELECT';
const PEERS = ['find-then-save', 'find-then-save, each time'];
const CONTENDERS = [OURS, CACHED, ...PEERS, LIMIT];
const PREFIX = 'nest_cognito_bench_';
const SERVER = process.env.TEST_POSTGRES_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';
/** Users who ask in turn, spread over the table. */
const ACTIVE = 500;
const issuer = new TokenIssuer();

const QUICK = { rounds: 1, seconds: 1, sizes: [1000], newUsers: 200 };
const FULL = { rounds: 5, seconds: 3, sizes: [1000, 10_000, 100_000, 1_000_000], newUsers: 2000 };

export async function run({ quick }) {
  return withDatabase((database) => measure(database, quick ? QUICK : FULL));
}

/** A database that is dropped in the end, also if the run is interrupted; a killed run's is dropped by the next. */
async function withDatabase(work) {
  await dropLeftovers();
  const name = PREFIX + randomBytes(6).toString('hex');
  const url = new URL(SERVER);
  url.pathname = `/${name}`;
  const drop = () => query(SERVER, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  const interrupt = (signal) => {
    const leave = () => process.exit(signal === 'SIGINT' ? 130 : 143);
    drop().then(leave, leave);
  };
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  await query(SERVER, `CREATE DATABASE ${name}`);
  // As long as somebody is connected, no other run takes it for a leftover.
  const keeper = new Client({ connectionString: String(url) });
  keeper.on('error', () => undefined);
  try {
    await keeper.connect();
    return await work(String(url));
  } finally {
    await keeper.end();
    await drop();
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

async function dropLeftovers() {
  const { rows } = await query(
    SERVER,
    `SELECT datname FROM pg_database WHERE starts_with(datname, '${PREFIX}')
      AND datname NOT IN (SELECT datname FROM pg_stat_activity WHERE datname IS NOT NULL)`,
  );
  for (const { datname } of rows) await query(SERVER, `DROP DATABASE IF EXISTS ${datname}`);
}

async function measure(database, { rounds, seconds, sizes, newUsers }) {
  await query(database, 'CREATE TABLE app_user (id serial PRIMARY KEY, sub text NOT NULL UNIQUE, email text)');
  const rows = [];
  let last = 0;
  let taken = {};
  for (const size of sizes) {
    await fill(database, last, size);
    last = size;
    taken = await known(database, size, { rounds, seconds });
    rows.push([size.toLocaleString('en'), ...CONTENDERS.map((name) => taken[name].perSecond.median)]);
  }
  const created = await unknown(database, { rounds, newUsers });
  const all = Object.values(taken);
  return {
    bench: 'user-sync',
    unit: 'requests per second',
    ours: taken[OURS].perSecond.median,
    peers: Object.fromEntries([CACHED, ...PEERS].map((name) => [name, taken[name].perSecond.median])),
    limit: taken[LIMIT].perSecond.median,
    ratios: Object.fromEntries([
      ...CONTENDERS.slice(1).map((name) => [
        `${OURS}/${name}`,
        ratioOfMedians(taken[OURS].perSecond, taken[name].perSecond),
      ]),
      [`new.${OURS}/${PEERS[0]}`, ratioOfMedians(created[OURS].perSecond, created[PEERS[0]].perSecond)],
    ]),
    tables: [
      { title: 'a known user, requests/s by rows of the table (median)', columns: ['rows', ...CONTENDERS], rows },
      tableOf(`a known user, ${last.toLocaleString('en')} rows, requests/s`, taken),
      tableOf('new users per second', created),
    ],
    notes: [
      `PostgreSQL, ${ACTIVE} users in turn, 20 connections, Fastify; \`p99\` in ms; \`server, µs\` is the processor time of the application alone, ` +
        'without the database.',
      '`limit`: the same guarded route with one SELECT through the pool of the driver. `find-then-save` writes only a user who has no row; ' +
        '`each time` also hands a known one to `save`, as is done to take changes over.',
      `The load was never busier than ${Math.round(100 * Math.max(...all.map(({ loadBusy }) => loadBusy.max)))} %.`,
    ],
  };
}

async function fill(database, from, to) {
  await query(
    database,
    `INSERT INTO app_user (sub) SELECT 'row-' || n FROM generate_series(${from + 1}, ${to}) n ON CONFLICT DO NOTHING`,
  );
  await query(database, 'VACUUM ANALYZE app_user');
}

/** Rounds in turn with users whose rows are there. */
async function known(database, size, { rounds, seconds }) {
  const step = size / ACTIVE;
  const subs = Array.from({ length: ACTIVE }, (_, at) => `row-${Math.floor(at * step) + 1}`);
  const tokens = await Promise.all(subs.map((sub) => issuer.token(sub)));
  const settings = { database, rounds, tokens };
  return inTurn(CONTENDERS, settings, (server) => load(server, server.ready, inRotation(tokens), { seconds }));
}

/** Rounds in turn with users who have no row, of whom nobody comes twice. */
async function unknown(database, { rounds, newUsers }) {
  const settings = { database, rounds, tokens: [await issuer.token('row-1')] };
  return inTurn([OURS, PEERS[0]], settings, async (server) => {
    const fresh = await issuer.tokens(newUsers);
    return load(server, server.ready, () => fresh.pop());
  });
}

/** @param settings `tokens`: of users who are there, to warm up with */
async function inTurn(names, { database, rounds, tokens }, measureOne) {
  const servers = {};
  const taken = Object.fromEntries(names.map((name) => [name, []]));
  try {
    for (const name of names) servers[name] = await serve(name, database);
    for (const server of Object.values(servers)) await prepare(server, tokens);
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, server] of Object.entries(servers)) taken[name].push(await measureOne(server));
    }
  } finally {
    for (const server of Object.values(servers)) await server.stop();
  }
  return Object.fromEntries(Object.entries(taken).map(([name, loads]) => [name, summaryOf(loads)]));
}

/** Lets its compiler see what comes. */
async function prepare(server, tokens) {
  await assertGuarded(server.ready, tokens[0]);
  await load(server, server.ready, inRotation(tokens), { seconds: 1 });
}

function summaryOf(loads) {
  return Object.fromEntries(Object.keys(loads[0]).map((what) => [what, summarize(loads.map((one) => one[what]))]));
}

function tableOf(title, taken) {
  const rows = Object.entries(taken).map(([name, { perSecond, p99, cpu }]) => [
    name,
    perSecond.min,
    perSecond.median,
    perSecond.max,
    p99.median,
    cpu.median,
  ]);
  return { title, columns: ['', 'min', 'median', 'max', 'p99', 'server, µs'], rows };
}

function serve(contender, database) {
  const { userPoolId, clientId, jwks } = issuer;
  return Child.start('apps/user-sync.mjs', { contender, database, userPoolId, clientId, jwks });
}

async function query(url, sql) {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}
