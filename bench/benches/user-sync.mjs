import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { Child } from '../child.mjs';
import { load } from '../load.mjs';
import { TokenIssuer } from '../pool.mjs';
import { ratioOfMedians, summarize } from '../statistics.mjs';

const OURS = 'nest-cognito';
const CONTENDERS = [OURS, 'nest-cognito, cacheTtl 60', 'find-then-save', 'bare SELECT'];
const SERVER = process.env.TEST_POSTGRES_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';
const issuer = new TokenIssuer();

export async function run({ quick }) {
  const name = `nest_cognito_bench_${randomBytes(6).toString('hex')}`;
  await statement(SERVER, `CREATE DATABASE ${name}`);
  const database = new URL(SERVER);
  database.pathname = `/${name}`;
  try {
    return await measure(String(database), quick);
  } finally {
    await statement(SERVER, `DROP DATABASE ${name} WITH (FORCE)`);
  }
}

async function measure(database, quick) {
  await statement(database, 'CREATE TABLE app_user (id serial PRIMARY KEY, sub text NOT NULL UNIQUE, email text)');
  const seconds = quick ? 1 : 5;
  const rows = [];
  let summaries = {};
  let last = 0;
  for (const size of quick ? [1000] : [1000, 10_000, 100_000, 1_000_000]) {
    await statement(
      database,
      `INSERT INTO app_user (sub) SELECT 'row-' || n FROM generate_series(${last + 1}, ${size}) n`,
    );
    await statement(database, 'ANALYZE app_user');
    last = size;
    summaries = await rounds(database, quick ? 1 : 5, seconds);
    rows.push([size.toLocaleString('en'), ...CONTENDERS.map((name) => summaries[name].median)]);
  }
  const created = await newUsers(database, quick ? 200 : 5000);
  const peers = ['nest-cognito, cacheTtl 60', 'find-then-save'];
  return {
    bench: 'user-sync',
    unit: 'requests per second',
    ours: summaries[OURS].median,
    peers: Object.fromEntries(peers.map((name) => [name, summaries[name].median])),
    limit: summaries['bare SELECT'].median,
    ratios: Object.fromEntries(
      CONTENDERS.slice(1).map((name) => [`${OURS}/${name}`, ratioOfMedians(summaries[OURS], summaries[name])]),
    ),
    tables: [
      {
        title: 'a known user, PostgreSQL, requests/s by rows of the table (median)',
        columns: ['rows', ...CONTENDERS],
        rows,
      },
      { title: 'new users per second, 20 at a time', columns: ['', 'users/s'], rows: created },
    ],
    notes: ['`limit`: the same guarded route with one SELECT through the pool of the driver.'],
  };
}

async function rounds(database, count, seconds) {
  const taken = Object.fromEntries(CONTENDERS.map((name) => [name, []]));
  const servers = [];
  try {
    for (const name of CONTENDERS) servers.push([name, await serve(name, database)]);
    const token = await issuer.token('row-500');
    for (const [, { ready }] of servers) await load(ready, { seconds: 1, token });
    for (let round = 0; round < count; round += 1) {
      for (const [name, { ready }] of servers) taken[name].push((await load(ready, { seconds, token })).perSecond);
    }
  } finally {
    for (const [, server] of servers) await server.stop();
  }
  return Object.fromEntries(Object.entries(taken).map(([name, samples]) => [name, summarize(samples)]));
}

/** First requests of users who have no row. */
async function newUsers(database, count) {
  const rows = [];
  for (const name of [OURS, 'find-then-save']) {
    const server = await serve(name, database);
    const tokens = await issuer.tokens(count);
    const begin = performance.now();
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        for (let token = tokens.pop(); token !== undefined; token = tokens.pop()) {
          const answer = await fetch(server.ready, { headers: { authorization: `Bearer ${token}` } });
          if (!answer.ok) throw new Error(`${name}: ${answer.status} for a new user`);
          await answer.body?.cancel();
        }
      }),
    );
    rows.push([name, (count * 1000) / (performance.now() - begin)]);
    await server.stop();
  }
  return rows;
}

function serve(contender, database) {
  const { userPoolId, clientId, jwks } = issuer;
  return Child.start('apps/user-sync.mjs', { contender, database, userPoolId, clientId, jwks });
}

async function statement(url, sql) {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
