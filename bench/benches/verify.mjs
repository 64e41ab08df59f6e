import { verify as verifySignature } from 'node:crypto';
import { CognitoJwtVerifier } from 'aws-jwt-verify';
import fastJwt from 'fast-jwt';
import { createLocalJWKSet, jwtVerify } from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import { contest, mediansOf, rowsOf, timesOurs } from '../contest.mjs';
import { inRotation, TokenIssuer } from '../pool.mjs';
import { ratioOfMedians } from '../statistics.mjs';
import { verifierOf } from '../verifier.mjs';

const issuer = new TokenIssuer();
const { userPoolId, clientId, jwks } = issuer;
const pem = issuer.publicKey.export({ type: 'spki', format: 'pem' });
/** Room for more than a hundred thousand tokens, where the default has room for more than ten thousand. */
const AMPLE = { maxBytes: 2 ** 29 };

export async function run({ quick }) {
  const distinct = await issuer.tokens(quick ? 500 : 10_000);
  const settings = quick ? { rounds: 3, calls: 500 } : { rounds: 15, calls: 10_000 };
  const known = await contest(await contendersOver(distinct.slice(0, 1)), settings);
  const rotating = await contest(await contendersOver(distinct), settings);
  const first = await firstSights(quick);
  return {
    bench: 'verify',
    unit: 'µs per token',
    ours: known['nest-cognito'].median,
    peers: mediansOf(known, ['nest-cognito', 'limit']),
    limit: known.limit.median,
    ratios: {
      firstSight: ratioOfMedians(first['nest-cognito'], first['aws-jwt-verify']),
      'nest-cognito/limit': ratioOfMedians(known['nest-cognito'], known.limit),
      ...timesOurs(known, 'nest-cognito'),
    },
    budgets: {
      firstSight: 'at most 1.05',
      'aws-jwt-verify/nest-cognito': 'at least 8, and at most 3 µs',
    },
    tables: [
      tableOf('second sight: one token again and again, µs', known),
      tableOf(`${distinct.length} distinct tokens in rotation, µs`, rotating),
      tableOf('first sight: no token twice, µs', first),
      await growth(quick),
    ],
    notes: ['`limit`: crypto.verify alone, with a key that was made before.'],
  };
}

/** Every contender judges signature, times, issuer, use and app client, as far as it can. */
async function contendersOver(tokens) {
  const take = Object.fromEntries(NAMES.map((name) => [name, inRotation(tokens)]));
  const contenders = Object.fromEntries(
    Object.entries(await verifiers()).map(([name, verify]) => [name, () => verify(take[name]())]),
  );
  return { ...contenders, limit: bareSignature(tokens) };
}

const NAMES = ['nest-cognito', 'aws-jwt-verify', 'jose', 'fast-jwt', 'fast-jwt with cache', 'jsonwebtoken'];

async function verifiers() {
  const claims = { allowedIss: issuer.issuer, algorithms: ['RS256'], key: pem };
  const [plain, cached] = [fastJwt.createVerifier(claims), fastJwt.createVerifier({ ...claims, cache: 10_000 })];
  const keys = createLocalJWKSet(jwks);
  const ours = await verifierOf(issuer);
  const aws = awsVerifier();
  return {
    'nest-cognito': (token) => ours.verify(token),
    'aws-jwt-verify': (token) => aws.verify(token),
    jose: async (token) => assertOurs((await jwtVerify(token, keys, { issuer: issuer.issuer })).payload),
    'fast-jwt': (token) => assertOurs(plain(token)),
    'fast-jwt with cache': (token) => assertOurs(cached(token)),
    jsonwebtoken: (token) =>
      assertOurs(jsonwebtoken.verify(token, issuer.publicKey, { algorithms: ['RS256'], issuer: issuer.issuer })),
  };
}

function awsVerifier() {
  const verifier = CognitoJwtVerifier.create({ userPoolId, clientId, tokenUse: 'access' });
  verifier.cacheJwks(jwks);
  return verifier;
}

/** What the general libraries leave to their user. */
function assertOurs(claims) {
  if (claims.token_use !== 'access' || claims.client_id !== clientId) throw new Error('not ours');
}

function bareSignature(tokens) {
  const parts = tokens.map((token) => {
    const dot = token.lastIndexOf('.');
    return [Buffer.from(token.slice(0, dot)), Buffer.from(token.slice(dot + 1), 'base64url')];
  });
  return (index) => {
    const [input, signature] = parts[index % parts.length];
    return verifySignature('sha256', input, issuer.publicKey, signature);
  };
}

/** Each contender sees every token once: a fresh batch for each round. */
async function firstSights(quick) {
  const [rounds, calls] = quick ? [3, 200] : [9, 2000];
  // Half a round to warm up, and one call more in each round to see whether it is async.
  const batch = await issuer.tokens(Math.ceil((rounds + 0.5) * calls) + rounds + 2);
  return contest(await contendersOver(batch), { rounds, calls });
}

/** How the cost of a known token grows with how many are known; the memory of tokens is bounded, so there is an end to it. */
async function growth(quick) {
  const sizes = quick ? [1, 10, 100, 1000] : [1, 10, 100, 1000, 10_000, 100_000, 1_000_000];
  const rows = [];
  const tokens = [];
  for (const size of sizes) {
    // Off the heap, which a million of them would fill by themselves.
    for (const token of await issuer.tokens(size - tokens.length)) tokens.push(Buffer.from(token, 'latin1'));
    rows.push([size.toLocaleString('en'), ...(await growthAt(tokens))]);
  }
  return {
    title: 'one of N known tokens, in rotation, µs (median)',
    columns: ['N', 'nest-cognito', 'with 512 MiB for its cache', 'fast-jwt with cache', 'aws-jwt-verify'],
    rows,
  };
}

async function growthAt(tokens) {
  const { 'fast-jwt with cache': fast, 'aws-jwt-verify': aws } = await verifiers();
  const [usual, large] = [await verifierOf(issuer), await verifierOf(issuer, AMPLE)];
  const contenders = {
    usual: (token) => usual.verify(token),
    large: (token) => large.verify(token),
    fast,
    aws,
  };
  for (const token of tokens)
    for (const name of ['usual', 'large', 'fast']) await contenders[name](token.toString('latin1'));
  // The next in rotation are those that were seen first, which a memory that is too small has forgotten by now. More than are
  // asked for are at hand as texts, so that none comes twice unless there are so few.
  const sample = tokens.slice(0, 10_000).map((token) => token.toString('latin1'));
  const inTurn = Object.entries(contenders).map(([name, verify]) => {
    const next = inRotation(sample);
    return [name, () => verify(next())];
  });
  const taken = await contest(Object.fromEntries(inTurn), { rounds: 5, calls: 1000 });
  return ['usual', 'large', 'fast', 'aws'].map((name) => taken[name].median);
}

function tableOf(title, summaries) {
  return { title, columns: ['', 'min', 'median', 'max'], rows: rowsOf(summaries) };
}
