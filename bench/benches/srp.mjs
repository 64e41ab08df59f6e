import { createRequire } from 'node:module';
import { constants, createHmac, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { contest, mediansOf, rowsOf, timesOurs } from '../contest.mjs';
import { ratioOfMedians } from '../statistics.mjs';
import { PasswordProof } from '../.parts/srp/password-proof.js';
import { MODULUS_BYTES, N } from '../.parts/srp/group.js';
import { createPasswordVerifier, createServerEphemeral, provesPassword } from '../.parts/emulator/srp-verifier.js';

const require = createRequire(import.meta.url);
const poolName = 'BenchPool';
const username = '34c84488-e0e1-70ae-d2ee-991ad1a898c8';
const password = 'Passw0rd!';
const secretBlock = randomBytes(1000).toString('base64');

const stored = createPasswordVerifier(`${poolName}${username}`, password);
const server = createServerEphemeral(stored.verifier);
const challenge = { srpB: server.publicValue.toString(16), salt: stored.salt.toString(16), secretBlock };
const answer = {
  ChallengeName: 'PASSWORD_VERIFIER',
  ChallengeParameters: {
    SRP_B: challenge.srpB,
    SALT: challenge.salt,
    SECRET_BLOCK: secretBlock,
    USER_ID_FOR_SRP: username,
    USERNAME: username,
  },
};

/** One sign-in each: the public value, and the claim that answers the challenge. */
const contenders = {
  'nest-cognito': ours(),
  'cognito-srp-helper': cognitoSrpHelper(),
  'amazon-cognito-identity-js': identityJs(),
  'aws-amplify': amplify(),
};

export async function run({ quick }) {
  for (const [name, signIn] of Object.entries(contenders)) assertGood(name, await signIn());
  const [rounds, calls] = quick ? [3, [40, 2]] : [9, [200, 5]];
  const [many, few] = calls;
  const summaries = await contest(
    { ...contenders, limit: powers() },
    {
      rounds,
      calls: {
        'nest-cognito': many,
        limit: many,
        'cognito-srp-helper': few,
        'amazon-cognito-identity-js': few,
        'aws-amplify': few,
      },
    },
  );
  return {
    bench: 'srp',
    unit: 'ms per sign-in',
    ours: summaries['nest-cognito'].median / 1000,
    peers: mediansOf(summaries, ['nest-cognito', 'limit'], 1 / 1000),
    limit: summaries.limit.median / 1000,
    ratios: {
      'nest-cognito/limit': ratioOfMedians(summaries['nest-cognito'], summaries.limit),
      ...timesOurs(summaries, 'nest-cognito'),
    },
    budgets: {
      'nest-cognito/limit': 'at most 1.3',
      'cognito-srp-helper/nest-cognito': 'at least 60',
      'amazon-cognito-identity-js/nest-cognito': 'at least 90',
    },
    tables: [
      {
        title: 'client arithmetic of one sign-in, ms',
        columns: ['', 'min', 'median', 'max'],
        rows: rowsOf(summaries, 1 / 1000),
      },
      await whileSigningIn(quick),
    ],
    notes: [
      '`limit`: the three modular powers of a sign-in on OpenSSL (exponents of 256, 256 and 513 bits), nothing else.',
    ],
  };
}

/** How long the event loop stands still in a server that signs users in: nobody else is answered meanwhile. */
async function whileSigningIn(quick) {
  const rows = [];
  for (const [name, signIn] of Object.entries(contenders)) {
    const users = name === 'nest-cognito' ? (quick ? 50 : 300) : quick ? 3 : 20;
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const begin = performance.now();
    await Promise.all(
      Array.from({ length: users }, async (_, index) => {
        for (let waited = 0; waited <= index; waited += 1) await turn();
        await signIn();
      }),
    );
    const seconds = (performance.now() - begin) / 1000;
    delay.disable();
    rows.push([name, users, users / seconds, delay.percentile(50) / 1e6, delay.percentile(99) / 1e6, delay.max / 1e6]);
  }
  return {
    title: 'one thread that signs users in, one per turn of its event loop; delay of the loop in ms',
    columns: ['', 'users', 'sign-ins/s', 'p50', 'p99', 'max'],
    rows,
  };
}

function ours() {
  const identity = { scope: poolName, name: username };
  return () => {
    const proof = PasswordProof.begin();
    const { signature, timestamp } = proof.claim(identity, password, challenge);
    return { srpA: proof.srpA, signature, timestamp };
  };
}

function cognitoSrpHelper() {
  const { createSrpSession, signSrpSession } = require('cognito-srp-helper');
  return () => {
    const session = createSrpSession(username, password, `eu-west-1_${poolName}`, false);
    const { largeA, passwordSignature, timestamp } = signSrpSession(session, answer);
    return { srpA: largeA, signature: passwordSignature, timestamp };
  };
}

function identityJs() {
  const { AuthenticationHelper } = require('amazon-cognito-identity-js');
  // Not exported by its index; the helper takes and gives numbers of this class.
  const { default: BigInteger } = require('amazon-cognito-identity-js/lib/BigInteger');
  return async () => {
    const helper = new AuthenticationHelper(poolName);
    const A = await promised((done) => helper.getLargeAValue(done));
    const [B, salt] = [new BigInteger(challenge.srpB, 16), new BigInteger(challenge.salt, 16)];
    const key = await promised((done) => helper.getPasswordAuthenticationKey(username, password, B, salt, done));
    return { srpA: A.toString(16), ...signed(key) };
  };
}

function amplify() {
  const folder = `${import.meta.dirname}/../node_modules/@aws-amplify/auth/dist/cjs/providers/cognito/utils/srp`;
  const { getAuthenticationHelper } = require(`${folder}/getAuthenticationHelper.js`);
  const { BigInteger } = require(`${folder}/BigInteger/index.js`);
  return async () => {
    const helper = await getAuthenticationHelper(poolName);
    const [serverBValue, salt] = [new BigInteger(challenge.srpB, 16), new BigInteger(challenge.salt, 16)];
    const key = await helper.getPasswordAuthenticationKey({ username, password, serverBValue, salt });
    return { srpA: helper.A.toString(16), ...signed(key) };
  };
}

/** What those do beside their helpers. */
function signed(key) {
  const timestamp = 'Sat Nov 21 12:00:00 UTC 2026';
  const signature = createHmac('sha256', Buffer.from(key))
    .update(`${poolName}${username}`)
    .update(Buffer.from(secretBlock, 'base64'))
    .update(timestamp)
    .digest('base64');
  return { signature, timestamp };
}

/** The bare work: keys are made before, though every sign-in has exponents of its own. */
function powers() {
  const n = Buffer.from(N.toString(16), 'hex').toString('base64url');
  const keys = [256, 256, 513].map((bits) => {
    const exponent = randomBytes(Math.ceil(bits / 8));
    exponent[0] = bits % 8 === 0 ? exponent[0] | 0x80 : 1;
    return createPublicKey({ key: { kty: 'RSA', n, e: exponent.toString('base64url') }, format: 'jwk' });
  });
  const base = Buffer.concat([Buffer.of(0), randomBytes(MODULUS_BYTES - 1)]);
  return () => {
    for (const key of keys) publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, base);
  };
}

/** A contender that computes something else is no contender. */
function assertGood(name, { srpA, signature, timestamp }) {
  const claim = { identity: `${poolName}${username}`, secretBlock: Buffer.from(secretBlock, 'base64'), timestamp };
  const isGood = provesPassword(BigInt(`0x${srpA}`), server, stored.verifier, claim, Buffer.from(signature, 'base64'));
  if (!isGood) throw new Error(`${name} does not prove the password.`);
}

function promised(call) {
  return new Promise((resolve, reject) => call((error, value) => (error ? reject(error) : resolve(value))));
}
