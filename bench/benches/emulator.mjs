import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { Child } from '../child.mjs';
import { call, signIn, signInBySrp } from '../sign-ins.mjs';
import { ratioOfMedians, summarize } from '../statistics.mjs';

const password = 'Passw0rd!';

/** Milliseconds. */
const BUDGETS = { listening: 150, 'first token': 400, 'one SRP sign-in': 10 };

/** The cell that stands for all of them: users, and how many sign in at once. */
const HEADLINE = { users: 100, concurrency: 8 };

export async function run({ quick }) {
  const starts = await startTimes(quick ? 2 : 9);
  const alone = await oneAfterTheOther(quick ? 50 : 500);
  const cells = await allCells(
    quick
      ? { users: [1, HEADLINE.users], concurrency: [1, HEADLINE.concurrency], rounds: 1, milliseconds: 300 }
      : { users: [1, 10, 100, 1000], concurrency: [1, 8, 32, 128], rounds: 3, milliseconds: 1000 },
  );
  const headline = cells.find((cell) => cell.users === HEADLINE.users && cell.concurrency === HEADLINE.concurrency);
  return {
    bench: 'emulator',
    unit: `password sign-ins per second, ${nameOf(headline)}`,
    ours: headline.password.median,
    peers: { 'cognito-local': headline.local.median },
    limit: null,
    ratios: Object.fromEntries(
      [headline, ...cells.filter((cell) => cell !== headline)].map((cell) => [
        `nest-cognito/cognito-local, ${nameOf(cell)}`,
        ratioOfMedians(cell.password, cell.local),
      ]),
    ),
    tables: [
      { title: 'start, ms after the import', columns: ['', 'min', 'median', 'max'], rows: rowsOf(starts) },
      {
        title: 'against the budgets, ms',
        columns: ['', 'at most', 'least', 'median'],
        rows: Object.entries(BUDGETS).map(([name, most]) => {
          const { min, median } = { ...starts, 'one SRP sign-in': alone.wall }[name];
          return [name, most, min, median];
        }),
      },
      {
        title: 'one SRP sign-in over HTTP, one after the other, ms',
        columns: ['', 'min', 'median', 'max'],
        rows: rowsOf({ 'from first call to tokens': alone.wall, 'CPU of client and pool': alone.cpu }),
      },
      {
        title: 'sign-ins per second (median), one client process',
        columns: ['users × at once', 'SRP', 'password', 'cognito-local, password'],
        rows: cells.map((cell) => [nameOf(cell), cell.srp.median, cell.password.median, cell.local.median]),
      },
      costByUsers(cells),
    ],
    notes: [
      'An SRP sign-in counts the arithmetic of the client, which runs in the process that asks. cognito-local keeps its users in a file and does no SRP; its log is off.',
    ],
  };
}

async function startTimes(rounds) {
  const taken = {
    import: [],
    listening: [],
    'first token': [],
    'cognito-local: import': [],
    'cognito-local: listening': [],
    'limit: two RSA keys alone': [],
  };
  for (let round = 0; round < rounds; round += 1) {
    const emulator = await Child.start('apps/emulator.mjs', { users: 1, password });
    await emulator.stop();
    const local = await Child.start('apps/cognito-local.mjs');
    await local.stop();
    taken['limit: two RSA keys alone'].push(await keysAlone());
    taken.import.push(emulator.ready.import);
    taken.listening.push(emulator.ready.listening);
    taken['first token'].push(emulator.ready.firstToken);
    taken['cognito-local: import'].push(local.ready.import);
    taken['cognito-local: listening'].push(local.ready.listening);
  }
  return Object.fromEntries(Object.entries(taken).map(([name, samples]) => [name, summarize(samples)]));
}

/** Milliseconds that nobody can do without who makes both keys of a pool at each start. */
async function keysAlone() {
  const make = promisify(generateKeyPair);
  const begin = performance.now();
  await Promise.all([make('rsa', { modulusLength: 2048 }), make('rsa', { modulusLength: 2048 })]);
  return performance.now() - begin;
}

/** Milliseconds of each of `count` SRP sign-ins, none of which waits for another. */
async function oneAfterTheOther(count) {
  const emulator = await Child.start('apps/emulator.mjs', { users: 1, password });
  try {
    const pool = emulator.ready;
    for (let warm = 0; warm < count / 5; warm += 1) await signInBySrp(pool, 'user0', password);
    const [wall, cpu] = [[], []];
    for (let round = 0; round < 10; round += 1) {
      const before = await cpuOf(emulator);
      for (let index = 0; index < count / 10; index += 1) {
        const begin = performance.now();
        await signInBySrp(pool, 'user0', password);
        wall.push(performance.now() - begin);
      }
      cpu.push(((await cpuOf(emulator)) - before) / (count / 10));
    }
    return { wall: summarize(wall), cpu: summarize(cpu) };
  } finally {
    await emulator.stop();
  }
}

/** Milliseconds that the pool and this process have worked. */
async function cpuOf(emulator) {
  const usages = [await emulator.ask('cpu'), process.cpuUsage()];
  return usages.reduce((sum, { user, system }) => sum + (user + system) / 1000, 0);
}

/** Each number of users with each number of sign-ins at once; within a cell the contenders take turns. */
async function allCells({ users: numbers, concurrency: widths, rounds, milliseconds }) {
  const cells = [];
  for (const users of numbers) {
    const emulator = await Child.start('apps/emulator.mjs', { users, password });
    const local = await Child.start('apps/cognito-local.mjs');
    try {
      const peer = await fill(local.ready, users);
      for (const concurrency of widths) {
        const settings = { users, concurrency, milliseconds };
        const contenders = {
          srp: () => signInsPerSecond(emulator.ready, signInBySrp, settings),
          password: () => signInsPerSecond(emulator.ready, signIn, settings),
          local: () => signInsPerSecond(peer, signIn, settings),
        };
        cells.push({ users, concurrency, ...(await inTurn(contenders, rounds)) });
      }
    } finally {
      await emulator.stop();
      await local.stop();
    }
  }
  return cells;
}

async function inTurn(contenders, rounds) {
  const taken = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, contender] of Object.entries(contenders)) taken[name].push(await contender());
  }
  return Object.fromEntries(Object.entries(taken).map(([name, samples]) => [name, summarize(samples)]));
}

/** As many sign-ins as begin within a time, by the time until the last of them has ended. */
async function signInsPerSecond(pool, kind, { users, concurrency, milliseconds }) {
  let count = 0;
  const begin = performance.now();
  const oneByOne = async () => {
    while (performance.now() - begin < milliseconds) {
      await kind(pool, `user${count++ % users}${pool.domainOfUsers ?? ''}`, password);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, oneByOne));
  return (count * 1000) / (performance.now() - begin);
}

/** A pool of cognito-local with as many users, whose names have to be addresses. */
async function fill({ endpoint }, users) {
  const pool = { endpoint, domainOfUsers: '@example.com' };
  const { UserPool } = await call(pool, 'CreateUserPool', { PoolName: 'bench' });
  const UserPoolId = UserPool.Id;
  const { UserPoolClient } = await call(pool, 'CreateUserPoolClient', { UserPoolId, ClientName: 'main' });
  for (let index = 0; index < users; index += 1) {
    const Username = `user${index}${pool.domainOfUsers}`;
    const UserAttributes = [{ Name: 'email', Value: Username }];
    await call(pool, 'AdminCreateUser', { UserPoolId, Username, DesiredDeliveryMediums: ['EMAIL'], UserAttributes });
    await call(pool, 'AdminSetUserPassword', { UserPoolId, Username, Password: password, Permanent: true });
  }
  return { ...pool, clientId: UserPoolClient.ClientId };
}

function costByUsers(cells) {
  const alone = cells.filter(({ concurrency }) => concurrency === 1);
  const cost = ({ median }) => 1000 / median;
  const rowOf = (name, valueOf) => [name, valueOf('srp'), valueOf('password'), valueOf('local')];
  return {
    title: 'how the cost of a sign-in grows over the users, ms, one after the other',
    columns: ['users', 'SRP', 'password', 'cognito-local, password'],
    rows: [
      ...alone.map((cell) => rowOf(cell.users.toLocaleString('en'), (kind) => cost(cell[kind]))),
      rowOf('the last over the first', (kind) => cost(alone.at(-1)[kind]) / cost(alone[0][kind])),
    ],
  };
}

function nameOf({ users, concurrency }) {
  return `${users} × ${concurrency}`;
}

function rowsOf(summaries) {
  return Object.entries(summaries).map(([name, { min, median, max }]) => [name, min, median, max]);
}
