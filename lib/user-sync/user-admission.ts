import type { ModuleRef } from '@nestjs/core';
import { LocalUsers } from '../access/local-users.js';
import type { CognitoUserPrincipal } from '../access/principal.js';
import { CognitoError } from '../errors/cognito.error.js';
import type { CognitoService } from '../user-pool/cognito.service.js';
import type { AttributeValues, CognitoUserKey, CognitoUserStore, NewUser } from './cognito-user-store.js';
import { findStore } from './found-store.js';
import { linkableEmail } from './linkable-email.js';
import { type ToldAttributes, UserAttributes } from './user-attributes.js';
import { AskedTimes, type UserReading } from './user-cache.js';
import { USER_EVENTS, UserEvents } from './user-events.js';
import type { ResolvedUserSyncOptions } from './user-sync.options.js';
import { type WriteOccasion, UserWriter } from './user-writer.js';

/** One question about a local user: who asks, where the answer is kept, and what is done about it. */
export interface UserQuestion extends WriteOccasion {
  readonly principal: CognitoUserPrincipal;
  readonly key: CognitoUserKey;
  readonly store: CognitoUserStore;
  /** Asks Cognito and writes whatever the options say about known users. */
  readonly isForced: boolean;
  readonly reading: UserReading;
}

/** What the work is done with. */
export interface Ready {
  readonly store: CognitoUserStore;
  readonly attributes: UserAttributes;
  readonly writer: UserWriter;
}

/** The steps from a principal to their local user; each may be overridden in a subclass of `UserSyncService`. */
export abstract class UserAdmission extends LocalUsers {
  readonly #asked = new AskedTimes();
  #ready: Promise<Ready> | undefined;

  constructor(
    protected readonly options: ResolvedUserSyncOptions | undefined,
    protected readonly cognito: CognitoService,
    protected readonly moduleRef: ModuleRef,
    protected readonly poolNames: readonly string[],
  ) {
    super();
  }

  /**
   * What the user is found by.
   *
   * @throws {@link CognitoError} `COGNITO_USER_UNKNOWN` for a principal without a value in the match claim
   */
  protected keyOf(principal: CognitoUserPrincipal): CognitoUserKey {
    const { sub, username, claims, pool } = principal;
    const claim = this.configured().match.claim;
    const named: AttributeValues = { ...claims, sub, username };
    const value = named[claim];
    // An absent value must not reach the database: a condition without one matches every row.
    if (typeof value !== 'string' || value === '') throw unknownUser(`The principal has no ${claim}.`);
    return { value, pool };
  }

  /** Finds, makes or refreshes the user, and refuses whoever may not come in. */
  protected async admit(question: UserQuestion): Promise<object> {
    try {
      return await this.#admit(question);
    } catch (thrown) {
      this.#asked.forget(question.key);
      throw thrown;
    }
  }

  async #admit(question: UserQuestion): Promise<object> {
    const known = await question.store.find(question.key);
    if (known !== undefined) {
      this.assertActive(known, question.store);
      return this.refresh(known, question, await this.told(question, known));
    }
    const { createUnknownUsers, linkByVerifiedEmail } = this.configured();
    if (!createUnknownUsers && linkByVerifiedEmail === undefined) throw unknownUser('The user has no row.');
    const told = await this.told(question, undefined);
    const linked = await this.link(question, told);
    if (linked !== undefined) return linked;
    if (!createUnknownUsers) throw unknownUser('The user has no row.');
    return this.create(question, told);
  }

  /**
   * Refuses a user whom their own row keeps out.
   *
   * @throws {@link CognitoError} `COGNITO_USER_INACTIVE`
   */
  protected assertActive(user: object, store: CognitoUserStore): void {
    const standing = store.standingOf(user);
    const { activeProperty, softDeleted } = this.configured();
    if (standing === 'active' || (standing === 'deleted' && softDeleted !== 'refuse')) return;
    const detail =
      standing === 'deleted'
        ? "The user's row was soft-deleted."
        : `The user's row has no true in ${activeProperty ?? 'its flag'}.`;
    throw new CognitoError('COGNITO_USER_INACTIVE', { detail });
  }

  /** Makes a user, unless somebody else does so at the same moment. */
  protected async create(question: UserQuestion, told: ToldAttributes): Promise<object> {
    const { writer } = await this.ready();
    const { user, written } = await writer.create(question.store, this.factsOf(question, told), question);
    if (written) question.reading.noteWrite();
    this.assertActive(user, question.store);
    // Who was a moment late finds a row that another token may have filled.
    return written ? user : this.restored(user, question, told);
  }

  /** Gives a user without a row the one that has their verified e-mail address and nobody's match value. */
  protected async link(question: UserQuestion, told: ToldAttributes): Promise<object | undefined> {
    const { linkByVerifiedEmail } = this.configured();
    if (linkByVerifiedEmail === undefined || !told.tellOrigin) return undefined;
    const { groups } = question.principal;
    const email = linkableEmail(told.attributes, { groups, status: told.status }, linkByVerifiedEmail.providers);
    if (email === undefined) return undefined;
    const linked = await question.store.link(question.key, email);
    if (linked === undefined) return undefined;
    question.reading.noteWrite();
    this.assertActive(linked, question.store);
    const { writer } = await this.ready();
    writer.tell(USER_EVENTS.linked, linked, this.factsOf(question, told), question);
    return this.refresh(linked, question, told);
  }

  /** Writes to a known user what the options want written. */
  protected async refresh(known: object, question: UserQuestion, told: ToldAttributes): Promise<object> {
    const user = await this.restored(known, question, told);
    const { updateExisting } = this.configured();
    const { store, isForced } = question;
    const news = this.factsOf(question, told);
    const { syncedAt, ...facts } = news;
    const isWanted = isForced || updateExisting !== 'never';
    const isAll = updateExisting === 'always';
    if (isWanted && (isAll || store.hasNews(user, facts))) {
      const { writer } = await this.ready();
      const { user: updated, written } = await writer.update(store, user, news, question, isAll);
      if (written) question.reading.noteWrite();
      return updated;
    }
    // That Cognito was asked is no news to hooks and listeners.
    return syncedAt === undefined ? user : (await store.update(user, { attributes: {}, syncedAt })).user;
  }

  /** Brings a soft-deleted row back, where the options say so. */
  protected async restored(user: object, question: UserQuestion, told: ToldAttributes): Promise<object> {
    const { store } = question;
    if (this.configured().softDeleted !== 'restore' || store.standingOf(user) !== 'deleted') return user;
    const restored = await store.restore(user);
    question.reading.noteWrite();
    const { writer } = await this.ready();
    writer.tell(USER_EVENTS.restored, restored, this.factsOf(question, told), question);
    return restored;
  }

  /** What is written of what was told. */
  protected factsOf({ key, principal, isForced }: UserQuestion, told: ToldAttributes): NewUser {
    const { groups, store, staleAfter } = this.configured();
    // Where every call asks, the time of the last one is worth no write.
    const isWorthKeeping = told.isAnswered && (staleAfter > 0 || isForced);
    return {
      key,
      attributes: told.attributes,
      groups: groups === undefined && store === undefined ? undefined : principal.groups,
      syncedAt: isWorthKeeping ? told.askedAt : undefined,
    };
  }

  /** Asks the token and, where it is time to, Cognito. */
  protected async told(
    { principal, request, key, store, isForced }: UserQuestion,
    known?: object,
  ): Promise<ToldAttributes> {
    const { attributes } = await this.ready();
    const toldAt = known === undefined ? undefined : store.syncedAt(known);
    const isStale = isForced || (known !== undefined && Date.now() >= this.staleAt(key, known, store));
    const told = await attributes.of(principal, request, { isNew: known === undefined, isStale, toldAt });
    // What a transaction of the caller's writes may be taken back, and is then to be asked for again.
    const isKept = store.transaction === undefined && (told.askedAt !== undefined || known === undefined);
    if (isKept) this.#asked.set(key, told.askedAt ?? Date.now());
    return told;
  }

  /** When Cognito has to be asked again (epoch milliseconds); the past where nobody has asked yet. */
  protected staleAt(key: CognitoUserKey, user: object, store: CognitoUserStore): number {
    const last = Math.max(this.#asked.get(key) ?? 0, store.syncedAt(user) ?? 0);
    return last + this.configured().staleAfter;
  }

  /** The options, once it is known that there are any. */
  protected configured(): ResolvedUserSyncOptions {
    if (this.options !== undefined) return this.options;
    const detail = 'User sync is not configured: write the option `userSync: { entity }` of CognitoModule.';
    throw new CognitoError('COGNITO_USER_SYNC_NOT_CONFIGURED', { detail });
  }

  /** What the work is done with; found when it is first needed. */
  protected ready(): Promise<Ready> {
    this.#ready ??= this.#connect(this.configured());
    return this.#ready;
  }

  async #connect(options: ResolvedUserSyncOptions): Promise<Ready> {
    const store = await findStore(options, this.moduleRef, this.poolNames);
    return {
      store,
      attributes: new UserAttributes(options, store.attributes, this.cognito),
      writer: new UserWriter(options.hooks, new UserEvents(this.moduleRef)),
    };
  }
}

/** Somebody who has no local user, and gets none. */
export function unknownUser(detail: string): CognitoError {
  return new CognitoError('COGNITO_USER_UNKNOWN', { detail });
}
