import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator, EmulatorError, errorAnswer } from '../../../lib/emulator/index.js';
import { isLoopbackOrigin, isOwnHost } from '../../../lib/emulator/wire/origin-rules.js';
import { call, refusal } from './wire-client.js';

let pool: CognitoEmulator;

beforeAll(async () => {
  pool = await CognitoEmulator.start({ users: [{ username: 'alice', password: 'Passw0rd!' }] });
});

afterAll(async () => pool.stop());

interface RawReply {
  status: number | undefined;
  headers: Record<string, unknown>;
  body: string;
}

// fetch does not let a test write the Host header.
async function raw(
  { method = 'GET', path = '/', headers = {}, body = '' }: RawRequest,
  at = pool.options.endpoint,
): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL(path, at), { method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: text }));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

interface RawRequest {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string;
}

const target = (operation: string) => ({ 'x-amz-target': `AWSCognitoIdentityProviderService.${operation}` });

describe('the protocol', () => {
  it('answers an operation in JSON 1.1, with a request id', async () => {
    const { accessToken } = await pool.tokensFor('alice');
    const { status, headers } = await call(pool, 'GetUser', { AccessToken: accessToken });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/x-amz-json-1.1');
    expect(headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get('x-amzn-errortype')).toBeNull();
  });

  it('tells an error in the body and in two headers, always with status 400', async () => {
    const { status, headers, body } = await call(pool, 'GetUser', { AccessToken: 'garbage' });
    expect(status).toBe(400);
    expect(body).toEqual({ __type: 'NotAuthorizedException', message: 'Invalid Access Token' });
    expect(headers.get('x-amzn-errortype')).toBe('NotAuthorizedException:');
    expect(headers.get('x-amzn-errormessage')).toBe('Invalid Access Token');
  });

  it('echoes no more of a long value in its headers than a client can read', async () => {
    const { status, headers, body } = await call(pool, 'ListUsers', { UserPoolId: 'A'.repeat(100_000) });
    expect(status).toBe(400);
    expect(headers.get('x-amzn-errortype')).toBe('InvalidParameterException:');
    expect(headers.get('x-amzn-errormessage')).toHaveLength(1024);
    expect(String(body['message'])).toContain('failed to satisfy constraint');
  });

  it('knows no other operation', async () => {
    for (const operation of ['Nope', 'constructor', '__proto__', '']) {
      expect(await refusal(call(pool, operation, {}))).toMatch(/^UnknownOperationException/);
    }
    const without = await raw({ method: 'POST', body: '{}' });
    expect(without).toMatchObject({ status: 400 });
    expect(without.body).toContain('UnknownOperationException');
    const foreign = await raw({ method: 'POST', headers: { 'x-amz-target': 'DynamoDB_20120810.GetItem' }, body: '{}' });
    expect(foreign.body).toContain('UnknownOperationException');
  });

  it.each(['{', 'null', '[]', '"text"', '{"AccessToken":1}', '{"AccessToken":["a"]}', '{"AccessToken":{}}'])(
    'refuses %s with a SerializationException',
    async (body) => {
      const reply = await raw({ method: 'POST', headers: target('GetUser'), body });
      expect(reply.status).toBe(400);
      expect(reply.body).toContain('"__type":"SerializationException"');
    },
  );

  it('names the member that is missing or malformed, without echoing what is secret', async () => {
    const message = async (operation: string, members: object) => refusal(call(pool, operation, members));
    expect(await message('GetUser', {})).toBe(
      "InvalidParameterException: 1 validation error detected: Value null at 'accessToken' failed to satisfy constraint: Member must not be null",
    );
    expect(await message('GetUser', { AccessToken: 'not a token' })).not.toContain('not a token');
    const short = { Username: 'alice', Password: 'Pw0!' };
    expect(await message('SignUp', short)).toBe(
      "InvalidParameterException: 1 validation error detected: Value at 'password' failed to satisfy constraint: Member must have length greater than or equal to 6",
    );
    expect(await message('ConfirmSignUp', { Username: 'alice', ConfirmationCode: '12 34\r\nX: y' })).toMatch(
      /at 'confirmationCode' failed to satisfy constraint: Member must satisfy regular expression pattern/,
    );
  });

  it('reads a body of 1 MB and refuses a larger one', async () => {
    const padding = (size: number) => JSON.stringify({ AccessToken: 'garbage', padding: 'x'.repeat(size) });
    const accepted = await raw({ method: 'POST', headers: target('GetUser'), body: padding(1024 * 1024 - 100) });
    expect(accepted.body).toContain('Invalid Access Token');
    const refused = await raw({ method: 'POST', headers: target('GetUser'), body: padding(1024 * 1024) });
    expect(refused.status).toBe(413);
  });

  it('is no fault of the emulator when a client hangs up half way', async () => {
    const faults: unknown[] = [];
    const refused = new Promise<void>((resolve) => {
      pool.hooks.beforeAnswer = (_, answer) => {
        resolve();
        return answer;
      };
    });
    pool.hooks.fault = (error) => faults.push(error);
    const headers = { ...target('SignUp'), 'content-length': '100' };
    const outgoing = request(pool.options.endpoint, { method: 'POST', headers });
    outgoing.on('error', () => undefined);
    outgoing.write('{"Username":', () => setTimeout(() => outgoing.destroy(), 20));
    await refused;
    delete pool.hooks.beforeAnswer;
    delete pool.hooks.fault;
    expect(faults).toEqual([]);
    expect((await raw({ method: 'POST', headers: target('SignUp') })).status).toBe(400);
  });

  it('answers 404 elsewhere', async () => {
    expect((await raw({ path: '/elsewhere' })).status).toBe(404);
    expect((await raw({ path: '/' })).status).toBe(404);
    expect((await raw({ method: 'DELETE', path: '/' })).status).toBe(404);
  });
});

describe('a fault inside', () => {
  it.each([0, 99, 1000, 4.5, Number.NaN])('is an answer of the status %s, and keeps nobody waiting', async (status) => {
    const faults: unknown[] = [];
    pool.hooks.fault = (error) => faults.push(error);
    pool.hooks.beforeAnswer = (_, { body }) => ({ status, body });
    expect((await raw({ method: 'POST', headers: target('SignUp') })).status).toBe(500);
    pool.hooks.beforeAnswer = undefined;
    pool.hooks.fault = undefined;
    expect(faults).toEqual([new TypeError('beforeAnswer has to answer a status from 200 to 599.')]);
  });

  it('is an InternalErrorException without particulars for the client, and told to the hook', async () => {
    const faults: unknown[] = [];
    pool.hooks.fault = (error, operation) => faults.push([operation, error]);
    const fault = new Error('particulars');
    pool.hooks.beforeAnswer = () => {
      throw fault;
    };
    const { status, body } = await call(pool, 'GetUser', { AccessToken: 'garbage' });
    expect(status).toBe(500);
    expect(body).toEqual({ __type: 'InternalErrorException', message: 'An internal error occurred.' });
    expect(faults).toEqual([['GetUser', fault]]);
    pool.hooks.beforeAnswer = undefined;
    pool.hooks.fault = undefined;
  });
});

describe('the hook before an answer', () => {
  it('changes, delays or replaces it', async () => {
    const seen: string[] = [];
    pool.hooks.beforeAnswer = async (operation, answer) => {
      seen.push(`${operation} ${answer.status}`);
      await Promise.resolve();
      return errorAnswer('TooManyRequestsException', 'Rate exceeded');
    };
    const { headers, body } = await call(pool, 'GetUser', { AccessToken: 'garbage' });
    expect(body).toEqual({ __type: 'TooManyRequestsException', message: 'Rate exceeded' });
    expect(headers.get('x-amzn-errortype')).toBe('TooManyRequestsException:');
    expect(seen).toEqual(['GetUser 400']);
    pool.hooks.beforeAnswer = undefined;
    expect(await refusal(call(pool, 'GetUser', { AccessToken: 'garbage' }))).toMatch(/^NotAuthorizedException/);
  });
});

describe('the Host header', () => {
  it('must be this machine', async () => {
    const status = async (host: string) => (await raw({ path: '/elsewhere', headers: { host } })).status;
    expect(await status('localhost:9229')).toBe(404);
    expect(await status('[::1]')).toBe(404);
    for (const host of [
      'evil.example',
      '127.0.0.1.evil.example',
      'localhost.evil.example',
      '10.0.0.1',
      'a b',
      'evil.example@localhost',
    ]) {
      expect(await status(host)).toBe(421);
    }
  });

  it.each([
    'evil.example@localhost',
    'evil.example:80@localhost:9229',
    '@localhost',
    'localhost/evil.example',
    'localhost?evil.example',
    'localhost#evil.example',
    'localhost\\evil.example',
    'local%68ost',
    'localhost:',
    'localhost:port',
    'localhost, evil.example',
    ' localhost',
    '[::1',
    '',
  ])('must be a host with or without a port, which %j is not', async (host) => {
    expect(isOwnHost(host, '127.0.0.1')).toBe(false);
    expect(isOwnHost(host, '0.0.0.0')).toBe(false);
    for (const own of ['localhost', 'LOCALHOST:9229', '127.0.0.1:1', '[::1]:9229']) {
      expect(isOwnHost(own, '127.0.0.1')).toBe(true);
    }
  });

  it('may be any address, but no foreign name, where the server is open to the network', () => {
    expect(isOwnHost('192.168.1.5:9229', '0.0.0.0')).toBe(true);
    expect(isOwnHost('evil.example', '0.0.0.0')).toBe(false);
    expect(isOwnHost('192.168.1.5', '127.0.0.1')).toBe(false);
    expect(isOwnHost('pool.internal:9229', 'pool.internal')).toBe(true);
    expect(isOwnHost('[fd00::5]:9229', '::')).toBe(true);
    expect(isOwnHost(undefined, '0.0.0.0')).toBe(false);
  });
});

describe('pages in a browser', () => {
  const preflight = async (origin: string) =>
    raw({
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-amz-target' },
    });

  it('from this machine may call and read', async () => {
    const { status, headers } = await preflight('http://localhost:5173');
    expect(status).toBe(204);
    expect(headers['access-control-allow-origin']).toBe('http://localhost:5173');
    expect(headers['access-control-allow-headers']).toContain('x-amz-target');
    const reply = await raw({
      method: 'POST',
      headers: { ...target('GetUser'), origin: 'http://127.0.0.1:8080' },
      body: '{}',
    });
    expect(reply.headers['access-control-allow-origin']).toBe('http://127.0.0.1:8080');
    expect(reply.headers['access-control-expose-headers']).toContain('x-amzn-ErrorType');
  });

  it.each(['https://evil.example', 'http://localhost.evil.example', 'null', 'http://10.0.0.1'])(
    'from %s may neither',
    async (origin) => {
      const { status, headers } = await preflight(origin);
      expect(status).toBe(403);
      expect(headers).not.toHaveProperty('access-control-allow-origin');
      const reply = await raw({ method: 'POST', headers: { ...target('GetUser'), origin }, body: '{}' });
      expect(reply.headers).not.toHaveProperty('access-control-allow-origin');
      expect(isLoopbackOrigin(origin)).toBe(false);
    },
  );
});

describe('administration', () => {
  const ask = async (operation: string, headers: Record<string, string> = {}) => {
    const body = JSON.stringify({ UserPoolId: pool.options.userPoolId, Username: 'alice', GroupName: 'staff' });
    return raw({ method: 'POST', headers: { ...target(operation), ...headers }, body });
  };

  it.each(['http://localhost:5173', 'https://evil.example', 'null'])(
    'is not open to a page from %s',
    async (origin) => {
      for (const operation of [
        'AdminDisableUser',
        'AdminDeleteUser',
        'AdminGetUser',
        'CreateGroup',
        'ListUsers',
        'No',
      ]) {
        const { status, body } = await ask(operation, { origin });
        expect([operation, status]).toEqual([operation, 403]);
        expect(body).not.toContain('alice');
      }
      expect((await ask('GetGroup')).status).toBe(400);
      expect(JSON.parse((await ask('AdminGetUser')).body)).toMatchObject({ Username: 'alice', Enabled: true });
      expect((await ask('SignUp', { origin })).status).toBe(400);
    },
  );
});

describe('the control endpoints', () => {
  const bearer = () => ({ authorization: `Bearer ${pool.controlToken}` });

  it('show the inbox and move the clock for the holder of the token', async () => {
    await call(pool, 'SignUp', {
      Username: 'carol',
      Password: 'Passw0rd!',
      UserAttributes: [{ Name: 'email', Value: 'carol@example.com' }],
    });
    const inbox = await raw({ path: '/_emulator/inbox', headers: bearer() });
    const { messages } = JSON.parse(inbox.body) as { messages: object[] };
    const code = pool.inbox.last('carol')?.code;
    expect(messages).toMatchObject([{ destination: 'carol@example.com', username: 'carol', purpose: 'SignUp', code }]);

    const clock = async (body: string) => raw({ method: 'POST', path: '/_emulator/clock', headers: bearer(), body });
    expect((await clock('{"advance":{"days":1}}')).status).toBe(200);
    expect(pool.clock.now()).toBeGreaterThan(Date.now() + 86_000_000);
    expect((await clock('{"reset":true}')).status).toBe(200);
    expect(pool.clock.now()).toBeLessThanOrEqual(Date.now());
    for (const body of ['', '{', '{}', '{"advance":{"weeks":1}}', '{"reset":false}']) {
      expect((await clock(body)).status).toBe(400);
    }
    for (const days of ['1e308', '-1e308', '1e999', '91250001']) {
      const refused = await clock(`{"advance":{"days":${days}}}`);
      expect(refused.status).toBe(400);
      if (days !== '1e999') expect(refused.body).toContain('EMULATOR_CLOCK_OUT_OF_RANGE');
      expect(Math.abs(pool.clock.now() - Date.now())).toBeLessThan(60_000);
    }
    expect((await clock('{"advance":{"seconds":1}}')).status).toBe(200);
    expect((await clock('{"reset":true}')).status).toBe(200);
  });

  it.each([{}, { authorization: 'Bearer wrong' }, { authorization: 'Bearer ' }, { authorization: 'Basic eHh4' }])(
    'are not there for anybody else (%#)',
    async (headers) => {
      const before = pool.clock.now();
      expect((await raw({ path: '/_emulator/inbox', headers })).status).toBe(404);
      const moved = await raw({
        method: 'POST',
        path: '/_emulator/clock',
        headers,
        body: '{"advance":{"days":1}}',
      });
      expect(moved.status).toBe(404);
      expect(pool.clock.now() - before).toBeLessThan(60_000);
    },
  );

  it('are for no page in a browser', async () => {
    const headers = { ...bearer(), origin: 'http://localhost:5173' };
    const reply = await raw({ path: '/_emulator/inbox', headers });
    expect(reply.headers).not.toHaveProperty('access-control-allow-origin');
    const preflight = await raw({ method: 'OPTIONS', path: '/_emulator/inbox', headers: { origin: headers.origin } });
    expect(preflight.status).toBe(404);
  });

  it('have another token at each start', async () => {
    const second = await CognitoEmulator.start();
    expect(second.controlToken).not.toBe(pool.controlToken);
    expect(second.controlToken.length).toBeGreaterThanOrEqual(43);
    await second.stop();
  });
});

describe('starting and stopping', () => {
  it('listens on loopback, and says where in frozen options', async () => {
    const { endpoint, issuer, domain, region, userPoolId, clientId } = pool.options;
    expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(issuer).toBe(`${endpoint}/${userPoolId}`);
    expect(domain).toBe(new URL(endpoint).host);
    expect(region).toBe('local');
    expect(userPoolId).toMatch(/^local_[0-9a-zA-Z]{9}$/);
    expect(clientId).toMatch(/^[a-z0-9]{26}$/);
    expect(pool.options).not.toHaveProperty('clientSecret');
    expect(Object.isFrozen(pool.options)).toBe(true);
  });

  it('says so when the port is in use, and how to mend it', async () => {
    const port = Number(new URL(pool.options.endpoint).port);
    const start = CognitoEmulator.start({ port });
    await expect(start).rejects.toBeInstanceOf(EmulatorError);
    await expect(start).rejects.toMatchObject({
      code: 'EMULATOR_PORT_IN_USE',
      message: expect.stringContaining('choose another port') as string,
    });
  });

  it('says so when the address is not of this machine', async () => {
    const start = CognitoEmulator.start({ host: '192.0.2.1' });
    await expect(start).rejects.toMatchObject({ code: 'EMULATOR_HOST_UNAVAILABLE' });
  });

  it('frees the port when it stops, also when it could not start after all, and stops twice without harm', async () => {
    const probe = await CognitoEmulator.start();
    const port = Number(new URL(probe.options.endpoint).port);
    await probe.stop();
    const alice = { username: 'alice', password: 'Passw0rd!' };
    await expect(CognitoEmulator.start({ port, users: [alice, alice] })).rejects.toMatchObject({
      code: 'EMULATOR_OPTIONS_INVALID',
    });
    const first = await CognitoEmulator.start({ port });
    await first.stop();
    await first.stop();
    await (await CognitoEmulator.start({ port })).stop();
  });

  it('ends connections that are still in use', async () => {
    const busy = await CognitoEmulator.start();
    busy.hooks.beforeAnswer = async () => new Promise(() => undefined);
    const hanging = call(busy, 'GetUser', {}).catch(() => 'cut off');
    await raw({ path: '/elsewhere' }, busy.options.endpoint);
    await busy.stop();
    expect(await hanging).toBe('cut off');
  });
});

describe('options', () => {
  const start = async (options: object) => CognitoEmulator.start(options);

  it.each([
    [{ prot: 1 }, /prot/],
    [{ port: 70_000 }, /port/],
    [{ userPoolId: 'local' }, /userPoolId: must look like/],
    [{ clientId: 'a b' }, /clientId/],
    [{ users: [{ username: 'alice' }] }, /users\.0\.password/],
    [{ users: [{ username: 'alice', password: 'x', admin: true }] }, /admin/],
    [{ usernameAttributes: ['email'], aliasAttributes: ['email'] }, /exclude each other/],
    [{ clientId: 'one', clients: [{ clientId: 'one' }] }, /same clientId/],
    [{ passwordPolicy: { minimumLength: 5 } }, /minimumLength/],
    [{ port: -1, host: '' }, /port.*host/],
    [{ usernameAttributes: ['email'], users: [{ username: 'alice', password: 'x' }] }, /is an address of that kind/],
    [{ users: [{ username: 'alice', password: 'x', attributes: { token_use: 'id' } }] }, /token_use: .*standard/],
    [
      {
        users: [
          { username: 'a', password: 'x' },
          { username: 'A', password: 'x' },
        ],
      },
      /same username/,
    ],
  ])('that are bad are named: %j', async (options, problem) => {
    await expect(start(options)).rejects.toMatchObject({
      code: 'EMULATOR_OPTIONS_INVALID',
      message: expect.stringMatching(problem) as string,
    });
  });

  it('never echo a password', async () => {
    const secret = 'S3cret-and-too-long'.repeat(20);
    const refused = start({ users: [{ username: 'alice', password: secret }] });
    await expect(refused).rejects.toThrow(/users\.0\.password/);
    await expect(refused).rejects.not.toThrow(/S3cret/);
  });

  it('set the life of tokens, the ids and the secret', async () => {
    const own = await CognitoEmulator.start({
      userPoolId: 'eu-west-1_AbCdEfGhI',
      clientId: 'client',
      clientSecret: 'secret',
      accessTokenValidity: 300,
      users: [{ username: 'alice', password: 'weak', attributes: { sub: 'a-sub-of-my-own' } }],
    });
    expect(own.options).toMatchObject({
      userPoolId: 'eu-west-1_AbCdEfGhI',
      clientId: 'client',
      clientSecret: 'secret',
    });
    expect(await own.tokensFor('alice')).toMatchObject({ expiresIn: 300 });
    await own.stop();
  });
});
