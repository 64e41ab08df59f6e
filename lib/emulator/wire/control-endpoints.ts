import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { EmulatorError } from '../emulator-error.js';
import type { ClockStep, EmulatorClock } from '../state/clock.js';
import type { Inbox } from '../state/inbox.js';
import { jsonAnswer, notFound, type HttpAnswer } from './http.js';

const PREFIX = '/_emulator/';

const clockCommand = z.union([
  z.strictObject({
    advance: z.strictObject({
      days: z.number().optional(),
      hours: z.number().optional(),
      minutes: z.number().optional(),
      seconds: z.number().optional(),
    }),
  }),
  z.strictObject({ reset: z.literal(true) }),
]);

/** Inbox and clock for a pool in another process, behind a token that is drawn at each start. */
export class ControlEndpoints {
  readonly token = randomBytes(32).toString('base64url');

  constructor(
    private readonly inbox: Inbox,
    private readonly clock: EmulatorClock,
  ) {}

  isControl(path: string): boolean {
    return path.startsWith(PREFIX);
  }

  /** Without the token there is nothing here, as far as the caller can see. */
  async answer(
    method: string | undefined,
    path: string,
    authorization: string | undefined,
    readBody: () => Promise<string>,
  ): Promise<HttpAnswer> {
    if (!this.isHolder(authorization)) return notFound();
    if (method === 'GET' && path === `${PREFIX}inbox`) return jsonAnswer(200, { messages: this.inbox.all() });
    if (method === 'POST' && path === `${PREFIX}clock`) return this.moveClock(await readBody());
    return notFound();
  }

  private isHolder(authorization = ''): boolean {
    return timingSafeEqual(digestOf(authorization), digestOf(`Bearer ${this.token}`));
  }

  private moveClock(body: string): HttpAnswer {
    const command = clockCommand.safeParse(parsedOrNothing(body));
    if (!command.success) {
      return jsonAnswer(400, { message: 'Send {"advance":{"days","hours","minutes","seconds"}} or {"reset":true}.' });
    }
    if ('advance' in command.data) return this.advanceClock(command.data.advance);
    this.clock.reset();
    return jsonAnswer(200, { now: this.clock.now() });
  }

  private advanceClock(step: ClockStep): HttpAnswer {
    try {
      this.clock.advance(step);
    } catch (error) {
      if (!(error instanceof EmulatorError)) throw error;
      return jsonAnswer(400, { code: error.code, message: error.message });
    }
    return jsonAnswer(200, { now: this.clock.now() });
  }
}

function parsedOrNothing(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
